import type { FieldKind } from '../message/event-definition.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { UnserializablePayloadError } from './serialization-errors.ts'

const deepest = 200

interface Walk {
  readonly subject: string
  readonly fields: Readonly<Record<string, FieldKind>>
  /** Without declared fields, scalars need no look at their path. */
  readonly declaresFields: boolean
}

/**
 * Turns a payload into JSON, strictly: a value that would be lost or changed is refused with its path.
 *
 * @param fields Which paths hold dates and bigints; an element of any array is `[]`.
 * @throws {UnserializablePayloadError}
 */
export function toJson(
  subject: string,
  payload: object,
  fields: Readonly<Record<string, FieldKind>>,
): JsonObject {
  const declaresFields = Object.keys(fields).length > 0
  return convertObject({ subject, fields, declaresFields }, payload, [])
}

function convertObject(walk: Walk, value: object, path: readonly string[]): JsonObject {
  const result: Record<string, JsonValue> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    const converted =
      isPlainScalar(member) && !walk.declaresFields ? member : convert(walk, member, [...path, key])
    if (key === '__proto__')
      Object.defineProperty(result, key, { value: converted, enumerable: true })
    else result[key] = converted
  }
  return result
}

function isPlainScalar(value: unknown): value is string | boolean | number | null {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  return typeof value === 'number' && Number.isFinite(value)
}

function convert(walk: Walk, value: unknown, path: readonly string[]): JsonValue {
  if (value === null) return null
  const declared = walk.declaresFields ? walk.fields[patternOf(path)] : undefined
  if (declared) return convertDeclared(walk, value, path, declared)
  if (isPlainScalar(value)) return value
  if (value instanceof Date)
    return refuse(walk, path, 'a Date that is not declared', declareAdvice(path, 'date'))
  if (typeof value === 'bigint')
    return refuse(walk, path, 'a bigint that is not declared', declareAdvice(path, 'bigint'))
  if (typeof value !== 'object') return refuse(walk, path, describe(value), adviceFor(value))
  if (path.length > deepest)
    return refuse(walk, path.slice(0, 5), `nested over ${deepest} levels deep`, 'Is it a cycle?')
  if (Array.isArray(value))
    return Array.from(value, (item: unknown, index) => convert(walk, item, [...path, `[${index}]`]))
  if (isOpaque(value))
    return refuse(walk, path, `a ${value.constructor.name}`, 'Store an array or a plain object.')
  return convertObject(walk, value, path)
}

/** Anything else in a declared field could be stored, but never read again. */
function convertDeclared(
  walk: Walk,
  value: unknown,
  path: readonly string[],
  declared: FieldKind,
): string {
  if (declared === 'bigint' && typeof value === 'bigint') return value.toString()
  if (declared === 'date' && value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value.toISOString()
    return refuse(walk, path, 'an invalid Date', 'Check how it was made.')
  }
  const found =
    value instanceof Date
      ? 'a Date'
      : isPlainScalar(value)
        ? JSON.stringify(value)
        : describe(value)
  return refuse(walk, path, `${found} where a ${declared} is declared`, `Make it a ${declared}.`)
}

/** Instances that keep what they hold out of their properties: maps, buffers, URLs, errors, boxed values. */
function isOpaque(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return false
  return ArrayBuffer.isView(value) || Object.keys(value).length === 0
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (value === undefined) return 'undefined'
  return `a ${typeof value}`
}

function adviceFor(value: unknown): string {
  return value === undefined
    ? 'Leave the property out, or use null.'
    : 'Store a finite number, a string, a boolean, null, an array or a plain object.'
}

function declareAdvice(path: readonly string[], kind: FieldKind): string {
  return `Declare it: fields: { '${patternOf(path)}': '${kind}' }.`
}

function refuse(walk: Walk, path: readonly string[], found: string, advice: string): never {
  throw new UnserializablePayloadError(walk.subject, joinPath(path), found, advice)
}

function joinPath(path: readonly string[]): string {
  return path.join('.').replaceAll('.[', '[')
}

function patternOf(path: readonly string[]): string {
  return joinPath(path.map((step) => (step.startsWith('[') ? '[]' : step)))
}
