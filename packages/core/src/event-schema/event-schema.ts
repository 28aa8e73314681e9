import type { Constructor } from '../message/constructor.ts'
import type { EventDefinition, FieldKind } from '../message/event-definition.ts'
import { ConfigurationError } from '../model/configuration-error.ts'
import { type JsonSchema, unknownKeywords } from './json-schema.ts'

/** What one kind of event looks like in the log, and which other versions its code reads and writes. */
export interface EventSchema {
  readonly type: string
  readonly version: number
  /** Names it had before. */
  readonly aliases: readonly string[]
  /** Older versions there are upcasters from. */
  readonly reads: readonly number[]
  /** Older versions there are downcasters to. */
  readonly writes: readonly number[]
  readonly schema: JsonSchema
}

/** Makes the schema of an event's class, where it has something to make it from. */
export type EventSchemaSource = (eventClass: Constructor) => JsonSchema | undefined

/**
 * Makes the schemas of events: given by their `schema`, or made of their classes, with the dates and bigints among
 * their fields. An event about which nothing is known has the schema of any object.
 *
 * @throws {ConfigurationError} A schema has keywords that are not checked; lists all.
 */
export function eventSchemas(
  events: readonly EventDefinition[],
  source: EventSchemaSource = () => undefined,
): readonly EventSchema[] {
  const schemas = events.map((event): EventSchema => ({
    type: event.type,
    version: event.version,
    aliases: event.aliases,
    reads: event.upcasters.map(({ version }) => version).sort((a, b) => a - b),
    writes: event.downcasters.map(({ version }) => version).sort((a, b) => a - b),
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: event.type,
      ...schemaOf(event, source),
    },
  }))
  const mistakes = schemas.flatMap(({ type, schema }) =>
    unknownKeywords(schema).map(
      (keyword) =>
        `The schema of event "${type}" has "${keyword}", which is not checked. Leave it out, or say it in other words.`,
    ),
  )
  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  return schemas
}

function schemaOf(event: EventDefinition, source: EventSchemaSource): JsonSchema {
  const made = event.schema ?? source(event.class) ?? { type: 'object' }
  return Object.entries(event.fields).reduce(
    (schema, [path, kind]) => withField(schema, path.replaceAll('[]', '.[]').split('.'), kind),
    made,
  )
}

const kinds: Readonly<Record<FieldKind, JsonSchema>> = {
  date: { type: 'string', format: 'date-time' },
  bigint: { type: 'string', pattern: '^-?\\d+$' },
}

/** What is said of the field already stands. */
function withField(schema: JsonSchema, steps: readonly string[], kind: FieldKind): JsonSchema {
  const [step, ...rest] = steps
  if (step === undefined) return { ...nullable(schema, kinds[kind]), ...schema }
  if (step === '[]') return { ...schema, items: withField(schema.items ?? {}, rest, kind) }
  const { properties = {} } = schema
  const inner = Object.hasOwn(properties, step) ? properties[step] : undefined
  return { ...schema, properties: { ...properties, [step]: withField(inner ?? {}, rest, kind) } }
}

/** Declared fields may hold null as well, unless something else is said of them. */
function nullable(schema: JsonSchema, kind: JsonSchema): JsonSchema {
  return Object.keys(schema).length > 0 ? kind : { anyOf: [kind, { type: 'null' }] }
}
