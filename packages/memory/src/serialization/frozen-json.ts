import type { JsonValue } from '@varve/core'

/** Counts the characters of what was copied, about: enough to notice what is far too large. */
export interface JsonSize {
  characters: number
}

/**
 * Copies what JSON would carry over, deeply frozen: equal to parsing what `JSON.stringify` writes, without the text.
 *
 * @param size Grows by the characters of the copy.
 * @throws {TypeError} The value holds a bigint.
 * @throws {RangeError} The value holds itself.
 */
export function frozenJson(value: unknown, size: JsonSize): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
      size.characters += value.length + 2
      return value
    case 'number':
      size.characters += 8
      return Number.isFinite(value) ? value + 0 : null
    case 'boolean':
      size.characters += 5
      return value
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return frozenArray(value, size)
      return isPlain(value) ? frozenObject(value, size) : frozenOther(value, size)
    default:
      return frozenOther(value, size)
  }
}

function frozenArray(values: readonly unknown[], size: JsonSize): JsonValue {
  const copy: JsonValue[] = []
  for (const value of values) copy.push(frozenJson(value, size) ?? null)
  size.characters += values.length + 2
  return Object.freeze(copy)
}

function frozenObject(value: object, size: JsonSize): JsonValue {
  const copy: Record<string, JsonValue> = {}
  for (const key of Object.keys(value)) {
    const member = frozenJson((value as Record<string, unknown>)[key], size)
    if (member === undefined) continue
    size.characters += key.length + 4
    if (key === '__proto__') Object.defineProperty(copy, key, { value: member, enumerable: true })
    else copy[key] = member
  }
  return Object.freeze(copy)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return typeof (value as { toJSON?: unknown }).toJSON !== 'function'
}

/** Dates, class instances, boxed values, functions: whatever JSON makes of them. */
function frozenOther(value: unknown, size: JsonSize): JsonValue | undefined {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : frozenJson(JSON.parse(text), size)
}
