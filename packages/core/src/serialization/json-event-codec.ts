import type { EventSchema } from '../event-schema/event-schema.ts'
import { EventSchemaError } from '../event-schema/event-schema-errors.ts'
import type { JsonSchema } from '../event-schema/json-schema.ts'
import { schemaViolations } from '../event-schema/schema-violations.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { encodeDown } from '../evolution/encode-down.ts'
import { EventEvolution, jsonObject, schemaVersionOf } from '../evolution/event-evolution.ts'
import { NewerEventVersionError, NotOneEventError } from '../evolution/evolution-errors.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import { apart } from './apart.ts'
import type { EncodedEvent, EventCodec } from './event-codec.ts'
import { reviveFields } from './revive-fields.ts'
import {
  MalformedEventError,
  UndeclaredEventError,
  UnknownEventTypeError,
} from './serialization-errors.ts'
import { toJson } from './to-json.ts'

/** Options of {@link JsonEventCodec}. */
export interface JsonEventCodecOptions {
  /** Schemas that events are checked against when they are encoded. Default: no event is checked. */
  readonly check?: readonly EventSchema[]
}

/** Encodes events as JSON objects with the fields of their class. */
export class JsonEventCodec implements EventCodec {
  readonly #byType = new Map<string, EventDefinition>()
  readonly #byClass = new Map<unknown, EventDefinition>()
  readonly #declaresFields = new Set<EventDefinition>()
  /** Those whose data can be read as it is stored. */
  readonly #plain = new Map<string, EventDefinition>()
  readonly #schemas: ReadonlyMap<string, JsonSchema>
  readonly #evolution: EventEvolution

  constructor(definitions: Iterable<EventDefinition>, options: JsonEventCodecOptions = {}) {
    this.#schemas = new Map(options.check?.map(({ type, schema }) => [type, schema]))
    for (const definition of definitions) {
      this.#byType.set(definition.type, definition)
      this.#byClass.set(definition.class, definition)
      if (Object.keys(definition.fields).length > 0) this.#declaresFields.add(definition)
      else if (definition.isPlain) this.#plain.set(definition.type, definition)
    }
    this.#evolution = new EventEvolution(this.#byType)
  }

  definition(type: string): EventDefinition | undefined {
    return this.#evolution.definition(type)
  }

  definitionOf(event: object): EventDefinition | undefined {
    const found = event as { readonly constructor?: unknown } | null | undefined
    return this.#byClass.get(found?.constructor)
  }

  storedTypesOf(types: Iterable<string>): readonly string[] {
    return this.#evolution.storedTypesOf(types)
  }

  typesMadeOf(storedType: string): readonly string[] {
    return this.#evolution.typesMadeOf(storedType)
  }

  encode(event: object): EncodedEvent {
    const { type, version, fields } = this.#declared(event)
    const data = toJson(`Event "${type}"`, event, fields)
    const schema = this.#schemas.get(type)
    const violations = schema ? schemaViolations(schema, data) : []
    if (violations.length > 0) throw new EventSchemaError(type, version, violations)
    return { type, data, schemaVersion: version }
  }

  encodeAs(event: object, version: number): EncodedEvent {
    return encodeDown(this.encode(event), this.#declared(event), version)
  }

  upcast(event: RecordedEvent): readonly RecordedEvent[] | undefined {
    return this.#evolution.upcast(event)
  }

  decode(event: RecordedEvent): object {
    const definition = this.#byType.get(event.type)
    if (!definition || (event.metadata.schemaVersion ?? 1) !== definition.version)
      return this.#decodeOther(event)
    return this.#decodeAs(event, definition)
  }

  read(event: RecordedEvent): object {
    const plain = this.#plain.get(event.type)
    if (plain && (event.metadata.schemaVersion ?? 1) === plain.version)
      return apart(jsonObject(event))
    return this.decode(event)
  }

  /** Decodes what is not stored in the name and the version that are declared now. */
  #decodeOther(event: RecordedEvent): object {
    const definition = this.definition(event.type)
    if (!definition) throw new UnknownEventTypeError(event)
    const version = schemaVersionOf(event)
    if (version > definition.version)
      throw new NewerEventVersionError(event, version, definition.version)
    const parts = this.upcast(event)
    if (!parts) return this.#decodeAs(event, definition)
    const [only] = parts
    if (!only || parts.length > 1) throw new NotOneEventError(event, parts.length)
    return this.decode(only)
  }

  #decodeAs(event: RecordedEvent, definition: EventDefinition): object {
    const data = jsonObject(event)
    if (!this.#declaresFields.has(definition)) return definition.create(apart(data))
    const decoded = definition.create(structuredClone(data))
    const mismatch = reviveFields(decoded, definition.fields)
    if (mismatch)
      throw new MalformedEventError(
        event,
        `a ${mismatch.kind} at "${mismatch.path}"`,
        JSON.stringify(mismatch.found),
      )
    return decoded
  }

  #declared(event: object): EventDefinition {
    const definition = this.definitionOf(event)
    if (!definition) throw new UndeclaredEventError(nameOf(event))
    return definition
  }
}

function nameOf(event: unknown): string {
  if (typeof event !== 'object' || event === null) return `"${String(event)}"`
  const { name } = (event.constructor as { readonly name?: string } | undefined) ?? {}
  return name === undefined || name === ''
    ? 'An object of no named class'
    : `An instance of ${name}`
}
