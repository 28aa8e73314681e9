import type { EventToAppend } from '../event-store/recorded-event.ts'
import { aggregateIdOf, type StreamName } from '../event-store/stream-name.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonObject, JsonValue } from '../serialization/json-value.ts'
import { MissingSubjectError } from './privacy-errors.ts'
import { forgotten, type PersonalFieldOptions } from './personal-field.ts'
import { seal, unseal } from './seal.ts'

/** What stands in the log in the place of personal data. */
interface SealedValue {
  readonly $personal: string
  readonly sealed: string
  readonly placeholder: JsonValue
}

/** Names the subjects of an event's personal data, in the order of its fields. */
export function subjectsOf(
  { type, personal }: EventDefinition,
  data: JsonObject,
  stream: StreamName,
): readonly string[] {
  const found = Object.entries(personal).flatMap(([path, { subject }]) =>
    hasValue(data, stepsOf(path)) ? [subjectOf({ type, data, stream }, subject)] : [],
  )
  return [...new Set(found)]
}

/** Seals the personal fields of an event; the keys of all its subjects are there. */
export function sealFields(
  { type, personal, fields }: EventDefinition,
  event: Pick<EventToAppend, 'data'>,
  stream: StreamName,
  keys: ReadonlyMap<string, Uint8Array>,
): JsonObject {
  let { data } = event
  for (const [path, options] of Object.entries(personal)) {
    if (!hasValue(event.data, stepsOf(path))) continue
    const subject = subjectOf({ type, data: event.data, stream }, options.subject)
    const key = keys.get(subject) as Uint8Array
    const placeholder = placeholderOf(options, Object.hasOwn(fields, path))
    data = sealAt(data, stepsOf(path), (value): JsonValue => {
      const sealed = seal(key, JSON.stringify(value), subject)
      return { $personal: subject, sealed, placeholder } satisfies SealedValue
    }) as JsonObject
  }
  return data
}

/** A key does not open what was sealed with it: it was changed. */
export class BrokenSeal {
  constructor(readonly subject: string) {}
}

/** Opens all sealed values of an event's data, or puts their placeholders in. */
export function openFields(
  data: unknown,
  keys: ReadonlyMap<string, Uint8Array>,
): JsonValue | BrokenSeal {
  let broken: BrokenSeal | undefined
  const open = (value: unknown): JsonValue => {
    if (typeof value !== 'object' || value === null) return value as JsonValue
    if (Array.isArray(value)) return value.map(open)
    if (isSealed(value)) {
      const key = keys.get(value.$personal)
      if (!key) return value.placeholder
      const text = unseal(key, value.sealed, value.$personal)
      if (text !== undefined) return JSON.parse(text) as JsonValue
      broken = new BrokenSeal(value.$personal)
      return null
    }
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, open(member)]))
  }
  const opened = open(data)
  return broken ?? opened
}

function isSealed(value: object): value is SealedValue {
  const { $personal, sealed } = value as Partial<SealedValue>
  return typeof $personal === 'string' && typeof sealed === 'string' && 'placeholder' in value
}

function placeholderOf({ placeholder }: PersonalFieldOptions, isRevived: boolean): JsonValue {
  if (placeholder !== undefined) return placeholder
  return isRevived ? null : forgotten
}

function subjectOf(
  { type, data, stream }: { type: string; data: JsonObject; stream: StreamName },
  path: string | undefined,
): string {
  if (path === undefined) return aggregateIdOf(stream)
  let found: unknown = data
  for (const step of path.split('.'))
    found =
      typeof found === 'object' && found !== null
        ? (found as Record<string, unknown>)[step]
        : undefined
  if (typeof found === 'string' && found !== '') return found
  throw new MissingSubjectError(
    type,
    stream,
    path,
    found === undefined ? 'missing' : JSON.stringify(found),
  )
}

function stepsOf(path: string): readonly string[] {
  return path.replaceAll('[]', '.[]').split('.')
}

function hasValue(value: JsonValue | undefined, [step, ...rest]: readonly string[]): boolean {
  if (value === undefined || value === null) return false
  if (step === undefined) return true
  if (typeof value !== 'object') return false
  if (step === '[]') return isList(value) && value.some((item) => hasValue(item, rest))
  return hasValue((value as JsonObject)[step], rest)
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Copies what is on the way; what is absent or null stays so. */
function sealAt(
  value: JsonValue | undefined,
  [step, ...rest]: readonly string[],
  sealed: (value: JsonValue) => JsonValue,
): JsonValue | undefined {
  if (value === undefined || value === null) return value
  if (step === undefined) return sealed(value)
  if (typeof value !== 'object') return value
  if (isList(value))
    return step === '[]' ? value.map((item) => sealAt(item, rest, sealed) as JsonValue) : value
  const holder = value
  if (!Object.hasOwn(holder, step)) return value
  return { ...holder, [step]: sealAt(holder[step], rest, sealed) as JsonValue }
}
