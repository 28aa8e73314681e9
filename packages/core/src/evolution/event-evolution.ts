import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import { RecordedEventContext } from '../projection/event-context.ts'
import { cloneDocument } from '../projection/fold/clone-document.ts'
import type { JsonObject } from '../serialization/json-value.ts'
import {
  MalformedEventError,
  UnknownEventTypeError,
} from '../serialization/serialization-errors.ts'
import { NewerEventVersionError, UpcastError } from './evolution-errors.ts'
import type { EventPart, UpcastContext, Upcaster } from './upcaster.ts'

/** More steps than any chain has: upcasters that make each other's events would never end. */
const mostSteps = 1_000

/** Brings recorded events up to the versions and names that are declared now. */
export class EventEvolution {
  readonly #byType: ReadonlyMap<string, EventDefinition>
  readonly #names = new Map<string, EventDefinition>()
  readonly #isNeeded: boolean

  /** @param byType Every declared event by its type. */
  constructor(byType: ReadonlyMap<string, EventDefinition>) {
    this.#byType = byType
    for (const definition of byType.values())
      for (const alias of definition.aliases) this.#names.set(alias, definition)
    const definitions = [...byType.values()]
    this.#isNeeded =
      this.#names.size > 0 || definitions.some(({ upcasters }) => upcasters.length > 0)
  }

  /** Finds an event by its type or by a name it had. */
  definition(type: string): EventDefinition | undefined {
    return this.#byType.get(type) ?? this.#names.get(type)
  }

  /** As {@link EventCodec.upcast}. */
  upcast(event: RecordedEvent): readonly RecordedEvent[] | undefined {
    if (!this.#isNeeded) return undefined
    const definition = this.definition(event.type)
    if (!definition) return undefined
    const version = schemaVersionOf(event)
    const isOld = version < definition.version && definition.upcasters.length > 0
    if (!isOld && event.type === definition.type) return undefined
    return this.#bringUp(event, definition, version)
  }

  /** As {@link EventCodec.storedTypesOf}. */
  storedTypesOf(types: Iterable<string>): readonly string[] {
    const found = new Set(types)
    if (!this.#isNeeded) return [...found]
    for (let size = -1; size < found.size;) {
      size = found.size
      for (const definition of this.#byType.values()) {
        const made = definition.upcasters.flatMap(({ into }) => into ?? [])
        if (!found.has(definition.type) && !made.some((type) => found.has(type))) continue
        for (const name of [definition.type, ...definition.aliases]) found.add(name)
      }
    }
    return [...found]
  }

  /** As {@link EventCodec.typesMadeOf}. */
  typesMadeOf(storedType: string): readonly string[] {
    const definition = this.definition(storedType)
    if (!definition) return []
    const found = new Set([definition.type])
    for (const type of found)
      for (const { into = [] } of this.#byType.get(type)?.upcasters ?? [])
        for (const made of into) found.add(made)
    return [...found]
  }

  #bringUp(
    event: RecordedEvent,
    { type }: EventDefinition,
    version: number,
  ): readonly RecordedEvent[] {
    const context = new RecordedUpcastContext(event, version)
    // An upcaster may change what it is given; what is recorded stays as it is.
    const data = cloneDocument(jsonObject(event))
    const pending: EventPart[] = [{ type, version, data }]
    const current: RecordedEvent[] = []
    for (let steps = 0; pending.length > 0; steps += 1) {
      const part = pending.shift() as EventPart
      const definition = this.definition(part.type)
      if (!definition) throw new UnknownEventTypeError({ ...event, type: part.type })
      if (part.version > definition.version)
        throw new NewerEventVersionError(event, part.version, definition.version)
      const upcaster = upcasterOf(definition, part.version)
      if (!upcaster) current.push(partOf(event, definition, part))
      else if (steps < mostSteps) pending.unshift(...run(upcaster, event, part, context))
      else throw new UpcastError(event, part.version, `it took over ${mostSteps} steps.`)
    }
    return current
  }
}

function upcasterOf({ version, upcasters }: EventDefinition, from: number): Upcaster | undefined {
  if (from === version) return undefined
  return upcasters.find((upcaster) => upcaster.version === from)
}

function partOf(
  event: RecordedEvent,
  { type, version }: EventDefinition,
  part: EventPart,
): RecordedEvent {
  const metadata = { ...event.metadata, schemaVersion: version }
  return { ...event, type, data: part.data, metadata }
}

function run(
  upcaster: Upcaster,
  event: RecordedEvent,
  { type, version, data }: EventPart,
  context: UpcastContext,
): readonly EventPart[] {
  let parts: readonly EventPart[]
  try {
    parts = upcaster.parts(data as JsonObject, context, type)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UpcastError(event, version, reason, { cause })
  }
  if (!isList(parts)) throw new UpcastError(event, version, 'it did not give a list.')
  const { into = [] } = upcaster
  for (const part of parts) {
    const mistake = mistakeIn(part, into, { type, version })
    if (mistake) throw new UpcastError(event, version, mistake)
  }
  return parts
}

function mistakeIn(
  part: EventPart | null | undefined,
  into: readonly string[],
  { type, version }: Omit<EventPart, 'data'>,
): string | undefined {
  if (!isData(part?.data)) return 'it did not give the data of an event, an object.'
  const made = part as EventPart
  if (!(Number.isInteger(made.version) && made.version > 0))
    return `it gave "${made.type}" in version ${made.version}: expected a whole number from 1.`
  if (made.type === type)
    return made.version > version ? undefined : `it gave version ${made.version} of the same type.`
  // Whoever asks for events of that type would never be sent this one.
  if (into.includes(made.type)) return undefined
  return `it made "${made.type}", which is not in the list of the types it may make.`
}

/** What users wrote may be anything. */
function isList(parts: unknown): boolean {
  return Array.isArray(parts)
}

function isData(data: unknown): boolean {
  return typeof data === 'object' && data !== null && !(data instanceof Promise)
}

/** The version an event is stored in. */
export function schemaVersionOf(event: RecordedEvent): number {
  const { schemaVersion = 1 } = event.metadata
  if (Number.isInteger(schemaVersion) && schemaVersion > 0) return schemaVersion
  throw new MalformedEventError(
    event,
    'a whole number from 1 as its schema version',
    JSON.stringify(schemaVersion),
  )
}

/**
 * The data of an event that is a JSON object.
 *
 * @throws {MalformedEventError} It is not.
 */
export function jsonObject(event: RecordedEvent): JsonObject {
  const { data } = event
  if (typeof data === 'object' && data !== null)
    if (!Array.isArray(data) && !ArrayBuffer.isView(data)) return data as JsonObject
  throw new MalformedEventError(event, 'a JSON object', describe(data))
}

function describe(data: unknown): string {
  if (typeof data === 'string') return `the text ${JSON.stringify(data.slice(0, 80))}`
  if (data === null) return 'null'
  return Array.isArray(data) ? 'an array' : ArrayBuffer.isView(data) ? 'bytes' : `a ${typeof data}`
}

class RecordedUpcastContext extends RecordedEventContext implements UpcastContext {
  constructor(
    event: RecordedEvent,
    readonly version: number,
  ) {
    super(event)
  }
}
