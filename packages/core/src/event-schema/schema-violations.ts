import type { Violation } from '../message/message-validator.ts'
import type { JsonObject, JsonValue } from '../serialization/json-value.ts'
import type { JsonSchema, JsonSchemaType } from './json-schema.ts'

/** Lists how a value breaks a schema; none: it does not. */
export function schemaViolations(
  schema: JsonSchema,
  value: JsonValue,
  path = '',
): readonly Violation[] {
  const broken = (rule: keyof JsonSchema, message: string): Violation => ({ path, rule, message })
  const types = typesOf(schema)
  if (types && !types.some((type) => isOf(type, value)))
    return [broken('type', `must be ${types.join(' or ')}, but is ${describe(value)}`)]
  const { enum: allowed, const: only, anyOf } = schema
  const violations: Violation[] = []
  if (allowed && !allowed.some((one) => isSame(one, value)))
    violations.push(broken('enum', `must be one of ${JSON.stringify(allowed)}`))
  if (only !== undefined && !isSame(only, value))
    violations.push(broken('const', `must be ${JSON.stringify(only)}`))
  if (anyOf && !anyOf.some((one) => schemaViolations(one, value, path).length === 0))
    violations.push(broken('anyOf', 'must be as one of the alternatives says'))
  if (typeof value === 'number') violations.push(...ofNumber(schema, value, broken))
  else if (typeof value === 'string') violations.push(...ofString(schema, value, broken))
  else if (isArray(value)) violations.push(...ofArray(schema, value, path, broken))
  else if (typeof value === 'object' && value !== null)
    violations.push(...ofObject(schema, value, path))
  return violations
}

/** The types a schema allows; undefined: all. */
export function typesOf({ type }: JsonSchema): readonly JsonSchemaType[] | undefined {
  return typeof type === 'string' ? [type] : type
}

type Broken = (rule: keyof JsonSchema, message: string) => Violation

function ofNumber(schema: JsonSchema, value: number, broken: Broken): readonly Violation[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  return [
    ...(minimum !== undefined && value < minimum
      ? [broken('minimum', `must be ${minimum} or more`)]
      : []),
    ...(maximum !== undefined && value > maximum
      ? [broken('maximum', `must be ${maximum} or less`)]
      : []),
    ...(exclusiveMinimum !== undefined && value <= exclusiveMinimum
      ? [broken('exclusiveMinimum', `must be over ${exclusiveMinimum}`)]
      : []),
    ...(exclusiveMaximum !== undefined && value >= exclusiveMaximum
      ? [broken('exclusiveMaximum', `must be under ${exclusiveMaximum}`)]
      : []),
  ]
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

function ofString(schema: JsonSchema, value: string, broken: Broken): readonly Violation[] {
  const { minLength, maxLength, pattern, format } = schema
  // JSON Schema counts characters, not halves of them.
  const { length } = Array.from(value)
  return [
    ...(minLength !== undefined && length < minLength
      ? [broken('minLength', `must have ${minLength} characters or more`)]
      : []),
    ...(maxLength !== undefined && length > maxLength
      ? [broken('maxLength', `must have ${maxLength} characters or less`)]
      : []),
    ...(pattern !== undefined && !new RegExp(pattern, 'u').test(value)
      ? [broken('pattern', `must match ${pattern}`)]
      : []),
    ...(format === 'date-time' && !(dateTime.test(value) && !Number.isNaN(Date.parse(value)))
      ? [broken('format', 'must be a date and time of ISO 8601')]
      : []),
  ]
}

function ofArray(
  { items, minItems, maxItems }: JsonSchema,
  values: readonly JsonValue[],
  path: string,
  broken: Broken,
): readonly Violation[] {
  return [
    ...(minItems !== undefined && values.length < minItems
      ? [broken('minItems', `must have ${minItems} items or more`)]
      : []),
    ...(maxItems !== undefined && values.length > maxItems
      ? [broken('maxItems', `must have ${maxItems} items or less`)]
      : []),
    ...(items
      ? values.flatMap((value, index) => schemaViolations(items, value, `${path}[${index}]`))
      : []),
  ]
}

function ofObject(schema: JsonSchema, value: JsonObject, path: string): readonly Violation[] {
  const { properties = {}, required = [], additionalProperties } = schema
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  return [
    ...required
      .filter((name) => !Object.hasOwn(value, name))
      .map((name) => ({ path: at(name), rule: 'required', message: 'is missing' })),
    ...Object.entries(value).flatMap(([name, member]): readonly Violation[] => {
      const inner = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (inner) return schemaViolations(inner, member, at(name))
      if (additionalProperties !== false) return []
      return [{ path: at(name), rule: 'additionalProperties', message: 'is not declared' }]
    }),
  ]
}

function isOf(type: JsonSchemaType, value: JsonValue): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return isArray(value)
  if (type === 'null') return value === null
  return typeof value === type && (type !== 'object' || (value !== null && !isArray(value)))
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function describe(value: JsonValue): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : JSON.stringify(value)
}

/** Objects are the same whatever the order of their keys. */
function isSame(one: JsonValue, other: JsonValue): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return false
  if (isArray(one) !== isArray(other)) return false
  const keys = Object.keys(one)
  const [first, second] = [one as JsonObject, other as JsonObject]
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) =>
        Object.hasOwn(second, key) && isSame(first[key] as JsonValue, second[key] as JsonValue),
    )
  )
}
