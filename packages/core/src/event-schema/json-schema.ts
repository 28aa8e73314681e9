import type { JsonValue } from '../serialization/json-value.ts'

/** Types JSON Schema tells apart. */
export type JsonSchemaType =
  'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string'

/**
 * The part of JSON Schema (draft 2020-12) that event schemas are written in. Other keywords are refused, so that no
 * rule is silently left unchecked.
 */
export interface JsonSchema {
  readonly $schema?: string
  readonly $id?: string
  readonly title?: string
  readonly description?: string
  readonly type?: JsonSchemaType | readonly JsonSchemaType[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  /** Default true. */
  readonly additionalProperties?: boolean
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly JsonValue[]
  readonly const?: JsonValue
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  /** `date-time` is checked; every other format only says what is meant. */
  readonly format?: string
  readonly anyOf?: readonly JsonSchema[]
}

const keywords: Readonly<Record<keyof JsonSchema, true>> = {
  $schema: true,
  $id: true,
  title: true,
  description: true,
  type: true,
  properties: true,
  required: true,
  additionalProperties: true,
  items: true,
  minItems: true,
  maxItems: true,
  enum: true,
  const: true,
  minimum: true,
  maximum: true,
  exclusiveMinimum: true,
  exclusiveMaximum: true,
  minLength: true,
  maxLength: true,
  pattern: true,
  format: true,
  anyOf: true,
}

/** Finds keywords that are not of the part of JSON Schema that is checked, by path. */
export function unknownKeywords(schema: JsonSchema, path = ''): readonly string[] {
  const { properties = {}, items, anyOf = [], additionalProperties } = schema
  const own = Object.keys(schema).filter((keyword) => !Object.hasOwn(keywords, keyword))
  // Untyped callers may give a schema here, which would go unchecked.
  if (typeof (additionalProperties as unknown) === 'object')
    own.push('additionalProperties as a schema')
  return [
    ...own.map((keyword) => (path === '' ? keyword : `${path}: ${keyword}`)),
    ...Object.entries(properties).flatMap(([name, inner]) =>
      unknownKeywords(inner, path === '' ? name : `${path}.${name}`),
    ),
    ...(items ? unknownKeywords(items, `${path}[]`) : []),
    ...anyOf.flatMap((inner) => unknownKeywords(inner, path)),
  ]
}
