import type { JsonObject, JsonValue } from '../serialization/json-value.ts'
import { UnserializablePayloadError } from '../serialization/serialization-errors.ts'
import { UnreadableSnapshotError } from './unreadable-snapshot-error.ts'

const tag = '$varve'
const advice =
  'Give the aggregate toSnapshot() and fromSnapshot(), or keep plain data in its state.'

/**
 * Writes a state as JSON: its own properties, with dates, bigints, maps, sets and undefined marked.
 *
 * @throws {UnserializablePayloadError} A value is an instance of another class, a function or a symbol.
 */
export function captureState(state: unknown): JsonValue {
  if (typeof state === 'object' && state !== null && !isMarked(state))
    return captureMembers(state, '')
  return capture(state, '')
}

/** Reads what {@link captureState} wrote. Instances of the state's own class come back as plain objects. */
export function restoreState(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(restoreState)
  const object = value as JsonObject
  if (tag in object) return restoreMarked(object[tag], object['value'] as JsonValue)
  return Object.fromEntries(
    Object.entries(object).map(([key, member]) => [key, restoreState(member)]),
  )
}

function capture(value: unknown, path: string): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value
  if (value === undefined) return { [tag]: 'undefined' }
  if (typeof value === 'bigint') return { [tag]: 'bigint', value: value.toString() }
  if (typeof value === 'number')
    return { [tag]: 'number', value: Object.is(value, -0) ? '-0' : String(value) }
  if (typeof value === 'object') return captureObject(value, path)
  return refuse(path, `a ${typeof value}`)
}

function captureObject(value: object, path: string): JsonValue {
  if (Array.isArray(value))
    return Array.from(value, (item: unknown, index) => capture(item, `${path}[${index}]`))
  if (value instanceof Date) return { [tag]: 'date', value: String(value.getTime()) }
  if (value instanceof Set)
    return {
      [tag]: 'set',
      value: [...value].map((item, index) => capture(item, `${path}{${index}}`)),
    }
  if (value instanceof Map)
    return {
      [tag]: 'map',
      value: [...value].map(([key, item]) => [
        capture(key, `${path}{key}`),
        capture(item, `${path}{${String(key)}}`),
      ]),
    }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return refuse(path, `an instance of ${value.constructor.name}`)
  return captureMembers(value, path)
}

function captureMembers(value: object, path: string): JsonValue {
  const members = Object.entries(value).map(([key, member]): [string, JsonValue] => [
    key,
    capture(member, path === '' ? key : `${path}.${key}`),
  ])
  const plain = Object.fromEntries(members)
  return tag in plain ? { [tag]: 'object', value: plain } : plain
}

function isMarked(value: object): boolean {
  return (
    Array.isArray(value) || value instanceof Date || value instanceof Set || value instanceof Map
  )
}

function restoreMarked(kind: JsonValue | undefined, value: JsonValue): unknown {
  switch (kind) {
    case 'undefined':
      return undefined
    case 'bigint':
      return BigInt(value as string)
    case 'number':
      return Number(value)
    case 'date':
      return new Date(Number(value))
    case 'set':
      return new Set((value as JsonValue[]).map(restoreState))
    case 'map':
      return new Map(
        (value as [JsonValue, JsonValue][]).map(([key, item]) => [
          restoreState(key),
          restoreState(item),
        ]),
      )
    case 'object':
      return Object.fromEntries(
        Object.entries(value as JsonObject).map(([key, member]) => [key, restoreState(member)]),
      )
    default:
      throw new UnreadableSnapshotError(
        `the mark ${JSON.stringify(kind)}`,
        'one this version writes',
      )
  }
}

function refuse(path: string, found: string): never {
  throw new UnserializablePayloadError('A snapshot', path, found, advice)
}
