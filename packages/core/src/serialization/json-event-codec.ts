import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { EncodedEvent, EventCodec } from './event-codec.ts'
import { reviveFields } from './revive-fields.ts'
import {
  MalformedEventError,
  UndeclaredEventError,
  UnknownEventTypeError,
} from './serialization-errors.ts'
import { toJson } from './to-json.ts'

/** Encodes events as JSON objects with the fields of their class. */
export class JsonEventCodec implements EventCodec {
  readonly #byType = new Map<string, EventDefinition>()
  readonly #byClass = new Map<unknown, EventDefinition>()
  readonly #declaresFields = new Set<EventDefinition>()

  constructor(definitions: Iterable<EventDefinition>) {
    for (const definition of definitions) {
      this.#byType.set(definition.type, definition)
      this.#byClass.set(definition.class, definition)
      if (Object.keys(definition.fields).length > 0) this.#declaresFields.add(definition)
    }
  }

  definition(type: string): EventDefinition | undefined {
    return this.#byType.get(type)
  }

  definitionOf(event: object): EventDefinition | undefined {
    const found = event as { readonly constructor?: unknown } | null | undefined
    return this.#byClass.get(found?.constructor)
  }

  encode(event: object): EncodedEvent {
    const definition = this.definitionOf(event)
    if (!definition) throw new UndeclaredEventError(nameOf(event))
    return {
      type: definition.type,
      data: toJson(`Event "${definition.type}"`, event, definition.fields),
      schemaVersion: definition.version,
    }
  }

  decode(event: RecordedEvent): object {
    const definition = this.#byType.get(event.type)
    if (!definition) throw new UnknownEventTypeError(event)
    const { data } = event
    if (
      typeof data !== 'object' ||
      data === null ||
      Array.isArray(data) ||
      ArrayBuffer.isView(data)
    )
      throw new MalformedEventError(event, 'a JSON object', describe(data))
    if (!this.#declaresFields.has(definition)) return definition.create(data)
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
}

function nameOf(event: unknown): string {
  if (typeof event !== 'object' || event === null) return `"${String(event)}"`
  const { name } = (event.constructor as { readonly name?: string } | undefined) ?? {}
  return name === undefined || name === ''
    ? 'An object of no named class'
    : `An instance of ${name}`
}

function describe(data: unknown): string {
  if (typeof data === 'string') return `the text ${JSON.stringify(data.slice(0, 80))}`
  if (data === null) return 'null'
  return Array.isArray(data) ? 'an array' : ArrayBuffer.isView(data) ? 'bytes' : `a ${typeof data}`
}
