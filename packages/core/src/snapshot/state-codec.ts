import type { Constructor } from '../message/constructor.ts'
import type { JsonObject, JsonValue } from '../serialization/json-value.ts'
import { UnserializablePayloadError } from '../serialization/serialization-errors.ts'
import { hasPrivateFields } from './private-fields.ts'
import { UnreadableSnapshotError } from './unreadable-snapshot-error.ts'

const tag = '$varve'
const advice =
  'Give the aggregate toSnapshot() and fromSnapshot(), name the class in snapshot.classes, or keep plain data in its state.'

/** Classes of objects within a state, by stable name. */
export type StateClasses = Readonly<Record<string, Constructor>>

/** Names of classes by their prototypes. */
type ClassNames = ReadonlyMap<object, string>

/**
 * Writes a state as JSON: its own properties, with dates, bigints, maps, sets, undefined and instances of the given
 * classes marked.
 *
 * @throws {UnserializablePayloadError} A value is an instance of another class or of one with `#private` fields, a
 *   function or a symbol.
 */
export function captureState(state: unknown, classes: StateClasses = {}): JsonValue {
  const names = new Map(
    Object.entries(classes).map(([name, one]) => [one.prototype as object, name]),
  )
  if (typeof state === 'object' && state !== null && !isMarked(state)) {
    refuseHidden(state, '')
    return captureMembers(state, '', names)
  }
  return capture(state, '', names)
}

/** Reads what {@link captureState} wrote. Instances of the state's own class come back as plain objects. */
export function restoreState(value: JsonValue, classes: StateClasses = {}): unknown {
  const restore = (inner: JsonValue): unknown => restoreState(inner, classes)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(restore)
  const object = value as JsonObject
  if (tag in object) return restoreMarked(object, restore, classes)
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, restore(member)]))
}

function capture(value: unknown, path: string, names: ClassNames): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value
  if (value === undefined) return { [tag]: 'undefined' }
  if (typeof value === 'bigint') return { [tag]: 'bigint', value: value.toString() }
  if (typeof value === 'number')
    return { [tag]: 'number', value: Object.is(value, -0) ? '-0' : String(value) }
  if (typeof value === 'object') return captureObject(value, path, names)
  return refuse(path, `a ${typeof value}`)
}

function captureObject(value: object, path: string, names: ClassNames): JsonValue {
  const inner = (item: unknown, at: string): JsonValue => capture(item, `${path}${at}`, names)
  if (Array.isArray(value))
    return Array.from(value, (item: unknown, index) => inner(item, `[${index}]`))
  if (value instanceof Date) return { [tag]: 'date', value: String(value.getTime()) }
  if (value instanceof Set)
    return { [tag]: 'set', value: [...value].map((item, index) => inner(item, `{${index}}`)) }
  if (value instanceof Map)
    return {
      [tag]: 'map',
      value: [...value].map(([key, item]) => [
        inner(key, '{key}'),
        inner(item, `{${String(key)}}`),
      ]),
    }
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Object.prototype || prototype === null)
    return captureMembers(value, path, names)
  return captureInstance(value, path, names)
}

function captureInstance(value: object, path: string, names: ClassNames): JsonValue {
  const name = names.get(Object.getPrototypeOf(value) as object)
  const { name: className } = value.constructor
  if (name === undefined) return refuse(path, `an instance of ${className}`)
  refuseHidden(value, path)
  // What has no field at all may have some that are not recognised, so it could be lost.
  if (Object.keys(value).length === 0)
    return refuse(path, `an instance of ${className} without a property of its own`)
  return { [tag]: 'instance', class: name, value: captureMembers(value, path, names) }
}

/** Private fields cannot be seen from outside: they would be lost without a word. */
function refuseHidden(value: object, path: string): void {
  const { constructor: found } = value
  if (hasPrivateFields(found))
    refuse(path, `an instance of ${found.name}, which has #private fields`)
}

function captureMembers(value: object, path: string, names: ClassNames): JsonValue {
  const members = Object.entries(value).map(([key, member]): [string, JsonValue] => [
    key,
    capture(member, path === '' ? key : `${path}.${key}`, names),
  ])
  const plain = Object.fromEntries(members)
  return tag in plain ? { [tag]: 'object', value: plain } : plain
}

function isMarked(value: object): boolean {
  return (
    Array.isArray(value) || value instanceof Date || value instanceof Set || value instanceof Map
  )
}

function restoreMarked(
  marked: JsonObject,
  restore: (value: JsonValue) => unknown,
  classes: StateClasses,
): unknown {
  const value = marked['value'] as JsonValue
  switch (marked[tag]) {
    case 'undefined':
      return undefined
    case 'bigint':
      return BigInt(value as string)
    case 'number':
      return Number(value)
    case 'date':
      return new Date(Number(value))
    case 'set':
      return new Set((value as JsonValue[]).map(restore))
    case 'map':
      return new Map(
        (value as [JsonValue, JsonValue][]).map(([key, item]) => [restore(key), restore(item)]),
      )
    case 'object':
      return Object.fromEntries(
        Object.entries(value as JsonObject).map(([key, member]) => [key, restore(member)]),
      )
    case 'instance':
      return restoreInstance(marked['class'], restore(value), classes)
    default:
      throw new UnreadableSnapshotError(
        `the mark ${JSON.stringify(marked[tag])}`,
        'one this version writes',
      )
  }
}

function restoreInstance(
  name: JsonValue | undefined,
  fields: unknown,
  classes: StateClasses,
): object {
  const found = typeof name === 'string' ? classes[name] : undefined
  if (!found)
    throw new UnreadableSnapshotError(
      `an instance of ${JSON.stringify(name)}`,
      'a class the aggregate names',
    )
  return Object.assign(Object.create(found.prototype as object) as object, fields)
}

function refuse(path: string, found: string): never {
  throw new UnserializablePayloadError('A snapshot', path, found, advice)
}
