import type { EventToAppend, RecordedEvent } from '../event-store/recorded-event.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import { hiddenId, hideDigest, showDigest } from './hidden-traces.ts'
import { forgotten } from './personal-field.ts'
import { ForgottenSubjectError } from './privacy-errors.ts'
import { jointKey } from './seal.ts'
import {
  BrokenSeal,
  openFields,
  personalPlaces,
  type PersonalPlace,
  sealFields,
} from './sealed-fields.ts'
import { notePlaces, sealedPlacesIn, subjectsIn } from './sealed-places.ts'
import type { SubjectKey } from './subject-key-store.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** Options of {@link PrivateEvents}. */
export interface PrivateEventsOptions {
  /** Whether the subjects that events name are those of their stream's tenant. Default false. */
  readonly isByTenant?: boolean
  /** What stands in the place of texts whose field names nothing else. Default `[forgotten]`. */
  readonly placeholder?: string
}

/** Seals the personal data of events before they are stored, and opens it when they are read. */
export class PrivateEvents {
  readonly #definitions = new Map<string, EventDefinition>()
  readonly #options: Required<PrivateEventsOptions>
  /** How opened events stand in the log. */
  readonly #sealed = new WeakMap<RecordedEvent, RecordedEvent>()

  constructor(
    events: Iterable<EventDefinition>,
    readonly keys: SubjectKeys,
    { isByTenant = false, placeholder = forgotten }: PrivateEventsOptions = {},
  ) {
    this.#options = { isByTenant, placeholder }
    for (const event of events)
      if (Object.keys(event.personal).length > 0)
        for (const name of [event.type, ...event.aliases]) this.#definitions.set(name, event)
  }

  /**
   * Seals events for a stream.
   *
   * @throws {ForgottenSubjectError} One has data of a subject that is forgotten.
   * @throws {MissingSubjectError} One does not say whose data it has.
   */
  async seal(
    stream: StreamName,
    events: readonly EventToAppend[],
  ): Promise<readonly EventToAppend[]> {
    const placed = events.map((event) => ({ event, places: this.#placesOf(stream, event) }))
    const wanted = placed.flatMap(({ places }) => places.map(({ subject }) => subject))
    if (wanted.length === 0) return events
    const found = await this.keys.obtain(wanted)
    return placed.map(({ event, places }) => {
      if (places.length > 0) return sealOne(stream, event, places, found)
      // The command that made it has personal data, too.
      return { ...event, metadata: hideDigest(event.metadata, event.id, undefined) }
    })
  }

  /** Opens events, in one question for the keys of all. Events without personal data are passed on as they are. */
  async open(events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    const subjects = events.flatMap(subjectsIn)
    if (subjects.length === 0) return events
    const keys = await this.keys.find(subjects)
    return events.map((event) =>
      subjectsIn(event).length > 0 ? this.#openOne(event, keys) : event,
    )
  }

  /** Returns an event as it stands in the log; the event itself where it was not opened here. */
  sealedForm(event: RecordedEvent): RecordedEvent {
    return this.#sealed.get(event) ?? event
  }

  #placesOf(stream: StreamName, { type, data }: EventToAppend): readonly PersonalPlace[] {
    const definition = this.#definitions.get(type)
    if (!definition) return []
    return personalPlaces(definition, data, { stream, ...this.#options })
  }

  #openOne(event: RecordedEvent, keys: ReadonlyMap<string, SubjectKey>): RecordedEvent {
    const subjects = subjectsIn(event)
    const opened: RecordedEvent = {
      ...event,
      data: dataOf(event, keys),
      ...(event.metadata.commandDigest !== undefined && {
        metadata: showDigest(event.metadata, event.id, jointKeyOf(subjects, keys)),
      }),
    }
    this.#sealed.set(opened, event)
    return opened
  }
}

function sealOne(
  stream: StreamName,
  event: EventToAppend,
  places: readonly PersonalPlace[],
  found: ReadonlyMap<string, SubjectKey>,
): EventToAppend {
  const keys = new Map<string, Uint8Array>()
  for (const { subject } of places) {
    const key = found.get(subject)
    if (key === undefined || key === 'forgotten')
      throw new ForgottenSubjectError(event.type, stream, subject)
    keys.set(subject, key)
  }
  const joint = jointKeyOf([...keys.keys()], keys)
  const id = joint ? hiddenId(event.id, joint) : event.id
  const metadata = hideDigest(event.metadata, id, joint)
  return {
    ...event,
    id,
    data: sealFields({ stream, id, data: event.data }, places, keys),
    metadata: { ...metadata, sealed: notePlaces(places) },
  }
}

/** Text is no event: whoever decodes this one is told so, and others can still be read. */
function dataOf(event: RecordedEvent, keys: ReadonlyMap<string, SubjectKey>): JsonValue {
  const unknown = subjectsIn(event).find((subject) => !keys.has(subject))
  if (unknown !== undefined)
    return `personal data of "${unknown}", whose key is not in the key store`
  const data = openFields(event, sealedPlacesIn(event), keys)
  if (data instanceof BrokenSeal)
    return `personal data of "${data.subject}" that its key does not open`
  return data
}

/** One key of several subjects, whatever their order; undefined: one of them has none. */
function jointKeyOf(
  subjects: readonly string[],
  keys: ReadonlyMap<string, SubjectKey>,
): Uint8Array | undefined {
  const found: Uint8Array[] = []
  for (const subject of [...subjects].sort()) {
    const key = keys.get(subject)
    if (key === undefined || key === 'forgotten') return undefined
    found.push(key)
  }
  return jointKey(found)
}
