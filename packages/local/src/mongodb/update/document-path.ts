import { printValue } from '../bson/print-value.ts'
import { fieldOf, isDocument, setField, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { arrayIndexOf } from '../query/path-values.ts'

/** Arrays are not filled up by more elements than this. */
const MAX_FILL = 1_500_000

/** The value at a concrete path; array elements are named by number. */
export function valueAt(document: BsonDocument, path: readonly string[]): BsonValue | undefined {
  let node: BsonValue | undefined = document
  for (const name of path) node = childOf(node, name)
  return node
}

function childOf(node: BsonValue | undefined, name: string): BsonValue | undefined {
  if (isDocument(node)) return fieldOf(node, name)
  if (!Array.isArray(node)) return undefined
  const index = arrayIndexOf(name)
  return index === undefined ? undefined : node[index]
}

/**
 * Puts a value at a path, creating documents on the way.
 *
 * @throws {ServerError} The path runs through a value that has no fields.
 */
export function setValueAt(
  document: BsonDocument,
  path: readonly string[],
  value: BsonValue,
): void {
  let node: BsonDocument | BsonValue[] = document
  for (let depth = 0; depth < path.length - 1; depth += 1) {
    const name = path[depth] as string
    let next = childOf(node, name)
    if (next === undefined) {
      next = {}
      setChild(node, path, depth, next)
    }
    if (!isDocument(next) && !Array.isArray(next)) throw notViable(path, depth + 1, next)
    node = next
  }
  setChild(node, path, path.length - 1, value)
}

function setChild(
  node: BsonDocument | BsonValue[],
  path: readonly string[],
  depth: number,
  value: BsonValue,
): void {
  const name = path[depth] as string
  if (!Array.isArray(node)) {
    setField(node, name, value)
    return
  }
  const index = arrayIndexOf(name)
  if (index === undefined) throw notViable(path, depth, node)
  if (index - node.length > MAX_FILL) {
    throw new ServerError('BadValue', `can't backfill more than ${MAX_FILL} elements`)
  }
  while (node.length < index) node.push(null)
  node[index] = value
}

function notViable(path: readonly string[], depth: number, found: BsonValue): ServerError {
  const element = `{${path[depth - 1] ?? ''}: ${printValue(found)}}`
  return new ServerError(
    'PathNotViable',
    `Cannot create field '${path[depth] ?? ''}' in element ${element}`,
  )
}

/** Checks that a path could be written, without writing. */
export function assertViable(document: BsonDocument, path: readonly string[]): void {
  let node: BsonValue | undefined = document
  for (const [depth, name] of path.entries()) {
    if (node === undefined) return
    const isIndex = Array.isArray(node) && arrayIndexOf(name) !== undefined
    if (!isDocument(node) && !isIndex) throw notViable(path, depth, node)
    node = childOf(node, name)
  }
}

/** Takes a value away; an array element becomes null. */
export function unsetValueAt(document: BsonDocument, path: readonly string[]): void {
  const name = path[path.length - 1] as string
  const parent = path.length === 1 ? document : valueAt(document, path.slice(0, -1))
  if (isDocument(parent)) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- documents are plain records
    if (Object.hasOwn(parent, name)) delete parent[name]
  } else if (Array.isArray(parent)) {
    const index = arrayIndexOf(name)
    if (index !== undefined && index < parent.length) parent[index] = null
  }
}
