import { fieldOf, isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'

/** Tests one value found at a path; `undefined` stands for missing. */
export type ValueTest = (value: BsonValue | undefined) => boolean

/**
 * True when any value at a path passes.
 *
 * Arrays on the way are searched, and named by number as well. An array at the end is tested itself
 * and, with `leafElements`, element by element.
 */
export function anyValueAt(
  document: BsonDocument,
  path: readonly string[],
  test: ValueTest,
  leafElements: boolean,
): boolean {
  return anyBelow(document, path, 0, test, leafElements)
}

function anyBelow(
  node: BsonValue | undefined,
  path: readonly string[],
  depth: number,
  test: ValueTest,
  leafElements: boolean,
): boolean {
  const name = path[depth]
  if (name === undefined) {
    if (leafElements && Array.isArray(node) && node.some((item) => test(item))) return true
    return test(node)
  }
  if (isDocument(node)) return anyBelow(fieldOf(node, name), path, depth + 1, test, leafElements)
  if (!Array.isArray(node)) return test(undefined)
  const index = arrayIndexOf(name)
  if (index !== undefined && index < node.length) {
    if (anyBelow(node[index], path, depth + 1, test, leafElements)) return true
  }
  return node.some((item) => isDocument(item) && anyBelow(item, path, depth, test, leafElements))
}

/**
 * The position of the element, in the outermost array on the path, below which a value passes.
 *
 * @returns `undefined` when there is no array on the path or nothing passes.
 */
export function matchedElementAt(
  document: BsonDocument,
  path: readonly string[],
  test: ValueTest,
): number | undefined {
  let node: BsonValue | undefined = document
  for (let depth = 0; depth <= path.length; depth += 1) {
    if (Array.isArray(node)) return matchedIn(node, path, depth, test)
    const name = path[depth]
    if (name === undefined || !isDocument(node)) return undefined
    node = fieldOf(node, name)
  }
  return undefined
}

function matchedIn(
  items: BsonValue[],
  path: readonly string[],
  depth: number,
  test: ValueTest,
): number | undefined {
  const index = items.findIndex((item) =>
    depth === path.length
      ? test(item)
      : isDocument(item) && anyBelow(item, path, depth, test, true),
  )
  return index === -1 ? undefined : index
}

/** The array position a path component names, if it is one. */
export function arrayIndexOf(name: string): number | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : undefined
}
