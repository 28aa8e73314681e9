import type { Constructor, JsonSchema } from '@varve/core'
import { getMetadataStorage } from 'class-validator'

type Rule = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number]

/**
 * Makes the JSON Schema of a class of class-validator's rules; undefined where it has none.
 *
 * Rules that JSON Schema has no word for say nothing. Neither does the class of a nested object, which only
 * class-transformer knows: give such an event its `schema`.
 */
export function schemaOfClass(target: Constructor): JsonSchema | undefined {
  const rules = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false)
  if (rules.length === 0) return undefined
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))]
  const properties = names.map((name) => {
    const own = rules.filter(({ propertyName }) => propertyName === name)
    return { name, isOptional: own.some(isOptional), schema: schemaOfProperty(own) }
  })
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    required: properties.filter((one) => !one.isOptional).map(({ name }) => name),
  }
}

function isOptional({ type, name }: Rule): boolean {
  return type === 'conditionalValidation' || name === 'isOptional'
}

function schemaOfProperty(rules: readonly Rule[]): JsonSchema {
  const items = schemaOfValue(rules.filter(({ each }) => each))
  const own = schemaOfValue(rules.filter(({ each }) => !each))
  const schema: JsonSchema = rules.some(({ each }) => each)
    ? { type: 'array', ...own, ...(Object.keys(items).length > 0 && { items }) }
    : own
  // A property that is optional may be null, too.
  return rules.some(isOptional) && Object.keys(schema).length > 0
    ? { anyOf: [schema, { type: 'null' }] }
    : schema
}

function schemaOfValue(rules: readonly Rule[]): JsonSchema {
  const found = rules.map((rule) => words[rule.name ?? rule.type]?.(constraintsOf(rule)) ?? {})
  const merged = Object.assign({}, ...found) as JsonSchema
  // A whole number is also a number, whichever is said last.
  return found.some(({ type }) => type === 'integer') ? { ...merged, type: 'integer' } : merged
}

function constraintsOf({ constraints }: Rule): readonly unknown[] {
  return (constraints as readonly unknown[] | undefined) ?? []
}

type Word = (constraints: readonly unknown[]) => JsonSchema

const text = (format?: string): Word => {
  const schema: JsonSchema = { type: 'string', ...(format !== undefined && { format }) }
  return () => schema
}

/** What rules are in JSON Schema, by the name class-validator gives them. */
const words: Readonly<Record<string, Word>> = {
  isString: text(),
  isEmail: text('email'),
  isUuid: text('uuid'),
  isUrl: text('uri'),
  isDate: text('date-time'),
  isDateString: text(),
  isISO8601: text(),
  isBoolean: () => ({ type: 'boolean' }),
  isNumber: () => ({ type: 'number' }),
  isInt: () => ({ type: 'integer' }),
  isPositive: () => ({ type: 'number', exclusiveMinimum: 0 }),
  isNegative: () => ({ type: 'number', exclusiveMaximum: 0 }),
  min: ([minimum]) => ({ type: 'number', minimum: minimum as number }),
  max: ([maximum]) => ({ type: 'number', maximum: maximum as number }),
  minLength: ([least]) => ({ type: 'string', minLength: least as number }),
  maxLength: ([most]) => ({ type: 'string', maxLength: most as number }),
  isLength: ([least, most]) => ({
    type: 'string',
    minLength: least as number,
    ...(typeof most === 'number' && { maxLength: most }),
  }),
  matches: ([pattern, modifiers]) => patternOf(pattern, modifiers),
  isIn: ([values]) => ({ enum: values as NonNullable<JsonSchema['enum']> }),
  isEnum: ([, values]) => ({ enum: values as NonNullable<JsonSchema['enum']> }),
  isArray: () => ({ type: 'array' }),
  arrayMinSize: ([least]) => ({ type: 'array', minItems: least as number }),
  arrayMaxSize: ([most]) => ({ type: 'array', maxItems: most as number }),
  arrayNotEmpty: () => ({ type: 'array', minItems: 1 }),
  isObject: () => ({ type: 'object' }),
}

/** JSON Schema has no flags: a pattern with some is not said. */
function patternOf(pattern: unknown, modifiers: unknown): JsonSchema {
  if (typeof pattern === 'string' && modifiers === undefined) return { type: 'string', pattern }
  const isPlain = pattern instanceof RegExp && (pattern.flags === '' || pattern.flags === 'u')
  return { type: 'string', ...(isPlain && { pattern: pattern.source }) }
}
