import type { JsonSchema, JsonSchemaType } from './json-schema.ts'
import { schemaViolations, typesOf } from './schema-violations.ts'

/** Where a value of one schema may not be one of another. */
export interface SchemaDifference {
  readonly path: string
  readonly message: string
}

/** Lists why what is written by one schema may not be as another says; none: it always is. */
export function schemaDifferences(
  written: JsonSchema,
  read: JsonSchema,
  path = '',
): readonly SchemaDifference[] {
  if (written.anyOf)
    return written.anyOf.flatMap((one) => schemaDifferences(both(rest(written), one), read, path))
  if (read.anyOf) {
    const isAny = read.anyOf.some((one) => schemaDifferences(written, one, path).length === 0)
    const others = schemaDifferences(written, rest(read), path)
    return isAny ? others : [{ path, message: 'is not as one of the alternatives says' }, ...others]
  }
  const values = written.const === undefined ? written.enum : [written.const]
  if (values) return values.flatMap((value) => schemaViolations(read, value, path))
  return [
    ...typeDifferences(written, read, path),
    ...ruleDifferences(written, read).map((message) => ({ path, message })),
    ...propertyDifferences(written, read, path),
    ...(read.items ? schemaDifferences(written.items ?? {}, read.items, `${path}[]`) : []),
  ]
}

/** What is as both say; where both say something of the same kind, the alternative counts, except for properties. */
function both(common: JsonSchema, one: JsonSchema): JsonSchema {
  const properties = { ...common.properties, ...one.properties }
  const required = [...(common.required ?? []), ...(one.required ?? [])]
  return { ...common, ...one, properties, required }
}

function rest({ anyOf: _, ...schema }: JsonSchema): JsonSchema {
  return schema
}

function typeDifferences(
  written: JsonSchema,
  read: JsonSchema,
  path: string,
): readonly SchemaDifference[] {
  if (read.enum || read.const !== undefined)
    return [{ path, message: 'may hold more than the values that are read' }]
  const [from, to] = [typesOf(written), typesOf(read)]
  if (!to) return []
  const isRead = (type: JsonSchemaType): boolean =>
    to.includes(type) || (type === 'integer' && to.includes('number'))
  const more = from?.filter((type) => !isRead(type)) ?? ['anything']
  if (more.length === 0) return []
  return [{ path, message: `may be ${more.join(' or ')}, where ${to.join(' or ')} is read` }]
}

const lowest = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const
const highest = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const

function ruleDifferences(written: JsonSchema, read: JsonSchema): readonly string[] {
  return [
    ...lowest.filter((rule) => isBroken(read[rule], written[rule], (a, b) => b < a)),
    ...highest.filter((rule) => isBroken(read[rule], written[rule], (a, b) => b > a)),
    ...(['pattern', 'format'] as const).filter(
      (rule) => read[rule] !== undefined && read[rule] !== written[rule],
    ),
  ].map((rule) => `is read with ${rule} ${read[rule]}, but written with ${written[rule] ?? 'none'}`)
}

function isBroken(
  read: number | undefined,
  written: number | undefined,
  isBeyond: (read: number, written: number) => boolean,
): boolean {
  return read !== undefined && (written === undefined || isBeyond(read, written))
}

function propertyDifferences(
  written: JsonSchema,
  read: JsonSchema,
  path: string,
): readonly SchemaDifference[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const { properties: from = {}, required: always = [] } = written
  const { properties: to = {}, required = [], additionalProperties } = read
  return [
    ...required
      .filter((name) => !always.includes(name))
      .map((name) => ({ path: at(name), message: 'is required, but may be missing' })),
    ...Object.entries(from).flatMap(([name, inner]): readonly SchemaDifference[] => {
      const known = Object.hasOwn(to, name) ? to[name] : undefined
      if (known) return schemaDifferences(inner, known, at(name))
      if (additionalProperties !== false) return []
      return [{ path: at(name), message: 'is not declared where it is read' }]
    }),
  ]
}
