import { isDeepStrictEqual } from 'node:util'

/** What a result was when it was made, whatever its reader does to it later. */
export class ComparableResult {
  readonly #copy: unknown

  constructor(result: unknown) {
    this.#copy = copyOf(result, new Map())
  }

  equals(other: ComparableResult): boolean {
    return isDeepStrictEqual(this.#copy, other.#copy)
  }
}

/** Copies data; what cannot be looked into, such as a function, becomes something that equals nothing. */
function copyOf(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function') return Symbol('function')
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (value instanceof Date) return new Date(value)
  if (value instanceof RegExp) return value
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (value instanceof Map || value instanceof Set) return copyOfCollection(value, seen)
  // A value of the database's own, such as an ObjectId, is what it is written as.
  if ('_bsontype' in value) return { type: value._bsontype, text: JSON.stringify(value) }
  return copyOfFields(value, seen)
}

function copyOfCollection(
  value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>,
  seen: Map<object, unknown>,
): unknown {
  const members = Array.from<unknown>(value)
  const copy = { type: value instanceof Map ? 'Map' : 'Set', members: [] as unknown[] }
  seen.set(value, copy)
  copy.members = members.map((member) => copyOf(member, seen))
  return copy
}

function copyOfFields(value: object, seen: Map<object, unknown>): unknown {
  const prototype: unknown = Object.getPrototypeOf(value)
  const fields = Object.entries(value)
  const isData = Array.isArray(value) || prototype === Object.prototype || prototype === null
  // All it has is out of sight.
  if (!isData && fields.length === 0) return Symbol('hidden')
  const copy: object = Array.isArray(value) ? [] : (Object.create(prototype as object) as object)
  seen.set(value, copy)
  for (const [name, member] of fields)
    Object.defineProperty(copy, name, {
      value: copyOf(member, seen),
      configurable: true,
      enumerable: true,
      writable: true,
    })
  return copy
}
