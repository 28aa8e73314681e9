type Node = Record<string, unknown> | unknown[]

/** The most elements an array is filled up by, as in MongoDB. */
const maxFill = 1_500_000

/** Returns the value at a path; array elements are named by number. */
export function valueAt(document: object, path: readonly string[]): unknown {
  let node: unknown = document
  for (const step of path) node = childOf(node, step)
  return node
}

/**
 * Puts a value at a path, making objects on the way.
 *
 * @returns Why that is impossible: the path runs through a value that has no fields. Undefined: it is done.
 */
export function setAt(
  document: object,
  path: readonly string[],
  value: unknown,
): string | undefined {
  let node = document as Node
  for (const [depth, step] of path.slice(0, -1).entries()) {
    let next = childOf(node, step)
    if (next === undefined) {
      next = {}
      const reason = setChild(node, step, next)
      if (reason !== undefined) return reason
    }
    if (!isNode(next)) return `"${path.slice(0, depth + 1).join('.')}" is no object`
    node = next
  }
  return setChild(node, path.at(-1) as string, value)
}

/** Takes a value away; an array element becomes null. */
export function unsetAt(document: object, path: readonly string[]): void {
  const parent = valueAt(document, path.slice(0, -1))
  const last = path.at(-1) as string
  if (!isNode(parent) || childOf(parent, last) === undefined) return
  if (Array.isArray(parent)) parent[Number(last)] = null
  else Reflect.deleteProperty(parent, last)
}

/**
 * Lists the fields a path means: itself, or one for each element where it says `$[]`.
 *
 * @returns Undefined where `$[]` stands for the elements of something that is no array.
 */
export function expandPath(
  document: object,
  path: readonly string[],
): readonly (readonly string[])[] | undefined {
  const at = path.indexOf('$[]')
  if (at === -1) return [path]
  const before = path.slice(0, at)
  const items = valueAt(document, before)
  if (!Array.isArray(items)) return undefined
  const found: (readonly string[])[] = []
  for (const index of items.keys()) {
    const below = expandPath(document, [...before, String(index), ...path.slice(at + 1)])
    if (!below) return undefined
    found.push(...below)
  }
  return found
}

function childOf(node: unknown, step: string): unknown {
  if (!isNode(node)) return undefined
  if (Array.isArray(node)) return isIndex(step) ? node[Number(step)] : undefined
  return Object.hasOwn(node, step) ? node[step] : undefined
}

function setChild(node: Node, step: string, value: unknown): string | undefined {
  if (!Array.isArray(node)) {
    node[step] = value
    return undefined
  }
  if (!isIndex(step)) return `"${step}" names no element of an array`
  const index = Number(step)
  if (index - node.length > maxFill)
    return `element ${index} is more than ${maxFill} behind the last one`
  while (node.length < index) node.push(null)
  node[index] = value
  return undefined
}

function isIndex(step: string): boolean {
  return /^(0|[1-9]\d*)$/.test(step)
}

/** Objects and arrays, but no dates, bytes and other values. */
function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
