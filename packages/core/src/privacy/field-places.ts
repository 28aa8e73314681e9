import type { JsonObject, JsonValue } from '../serialization/json-value.ts'

/** Where a value is within JSON: names of members and indexes of items, the outermost first. */
export type FieldPlace = readonly (string | number)[]

/** Finds the values that a path such as `owner`, `address.street` or `lines[].name` names; null is no value. */
export function placesOf(data: JsonValue, path: string): readonly FieldPlace[] {
  return placesIn(data, path.replaceAll('[]', '.[]').split('.'))
}

/** Returns the value at a place; undefined where there is none. */
export function valueAt(data: JsonValue | undefined, place: FieldPlace): JsonValue | undefined {
  let found = data
  for (const step of place) found = memberOf(found, step)
  return found
}

/** Puts another value in a place. Copies what is on the way, and returns the same data where the place is absent. */
export function replaceAt(data: JsonValue, place: FieldPlace, value: JsonValue): JsonValue {
  const [step, ...rest] = place
  if (step === undefined) return value
  const member = memberOf(data, step)
  if (member === undefined) return data
  const replaced = replaceAt(member, rest, value)
  if (isList(data)) return data.map((item, index) => (index === step ? replaced : item))
  return { ...(data as JsonObject), [step]: replaced }
}

function placesIn(
  value: JsonValue | undefined,
  [step, ...rest]: readonly string[],
): readonly FieldPlace[] {
  if (value === undefined || value === null) return []
  if (step === undefined) return [[]]
  if (step !== '[]') return placesIn(memberOf(value, step), rest).map((place) => [step, ...place])
  if (!isList(value)) return []
  return value.flatMap((item, index) => placesIn(item, rest).map((place) => [index, ...place]))
}

function memberOf(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (isList(value)) return typeof step === 'number' ? value[step] : undefined
  return Object.hasOwn(value, step) ? value[step] : undefined
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
