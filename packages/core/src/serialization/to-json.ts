import type { FieldKind } from '../message/event-definition.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { UnserializablePayloadError } from './serialization-errors.ts'

const deepest = 200

interface Walk {
  readonly subject: string
  readonly fields: Readonly<Record<string, FieldKind>>
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
  return convertObject({ subject, fields }, payload, [])
}

function convertObject(walk: Walk, value: object, path: readonly string[]): JsonObject {
  const result: Record<string, JsonValue> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    result[key] = isPlainScalar(member) ? member : convert(walk, member, [...path, key])
  }
  return result
}

function isPlainScalar(value: unknown): value is string | boolean | number | null {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  return typeof value === 'number' && Number.isFinite(value)
}

function convert(walk: Walk, value: unknown, path: readonly string[]): JsonValue {
  if (isPlainScalar(value)) return value
  const declared = walk.fields[patternOf(path)]
  if (value instanceof Date) return convertDate(walk, value, path, declared)
  if (typeof value === 'bigint') {
    if (declared === 'bigint') return value.toString()
    return refuse(walk, path, 'a bigint that is not declared', declareAdvice(path, 'bigint'))
  }
  if (typeof value !== 'object') return refuse(walk, path, describe(value), adviceFor(value))
  if (path.length > deepest)
    return refuse(walk, path.slice(0, 5), `nested over ${deepest} levels deep`, 'Is it a cycle?')
  if (Array.isArray(value))
    return Array.from(value, (item: unknown, index) => convert(walk, item, [...path, `[${index}]`]))
  if (isContainer(value))
    return refuse(walk, path, `a ${value.constructor.name}`, 'Store an array or a plain object.')
  return convertObject(walk, value, path)
}

function convertDate(
  walk: Walk,
  value: Date,
  path: readonly string[],
  declared?: FieldKind,
): string {
  if (declared !== 'date')
    return refuse(walk, path, 'a Date that is not declared', declareAdvice(path, 'date'))
  if (Number.isNaN(value.getTime()))
    return refuse(walk, path, 'an invalid Date', 'Check how it was made.')
  return value.toISOString()
}

function isContainer(value: object): boolean {
  return (
    value instanceof Map ||
    value instanceof Set ||
    value instanceof RegExp ||
    value instanceof Promise ||
    ArrayBuffer.isView(value)
  )
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
