import type { EventToAppend, RecordedEvent } from '../event-store/recorded-event.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import { ForgottenSubjectError } from './privacy-errors.ts'
import { BrokenSeal, openFields, sealFields, subjectsOf } from './sealed-fields.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** Seals the personal data of events before they are stored, and opens it when they are read. */
export class PrivateEvents {
  readonly #definitions = new Map<string, EventDefinition>()
  /** How opened events stand in the log. */
  readonly #sealed = new WeakMap<RecordedEvent, RecordedEvent>()

  constructor(
    events: Iterable<EventDefinition>,
    readonly keys: SubjectKeys,
  ) {
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
    const wanted = new Set<string>()
    for (const { type, data } of events) {
      const definition = this.#definitions.get(type)
      if (definition) for (const one of subjectsOf(definition, data, stream)) wanted.add(one)
    }
    if (wanted.size === 0) return events
    const keys = await this.keys.obtain([...wanted])
    return events.map((event) => this.#sealOne(stream, event, keys))
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

  #sealOne(
    stream: StreamName,
    event: EventToAppend,
    keys: ReadonlyMap<string, Uint8Array>,
  ): EventToAppend {
    const definition = this.#definitions.get(event.type)
    const subjects = definition ? subjectsOf(definition, event.data, stream) : []
    if (!definition || subjects.length === 0) return event
    const lost = subjects.find((subject) => !keys.has(subject))
    if (lost !== undefined) throw new ForgottenSubjectError(event.type, stream, lost)
    const data = sealFields(definition, event, stream, keys)
    return { ...event, data, metadata: { ...event.metadata, subjects } }
  }

  #openOne(event: RecordedEvent, keys: ReadonlyMap<string, Uint8Array>): RecordedEvent {
    const data = openFields(event.data, keys)
    const opened: RecordedEvent = {
      ...event,
      // Text is no event: whoever decodes this one is told so, and others can still be read.
      data:
        data instanceof BrokenSeal
          ? `personal data of "${data.subject}" that its key does not open`
          : data,
    }
    this.#sealed.set(opened, event)
    return opened
  }
}

const none: readonly string[] = []

/** Whose personal data is in a stored event. */
export function subjectsIn({ metadata }: Pick<RecordedEvent, 'metadata'>): readonly string[] {
  const { subjects } = metadata
  return Array.isArray(subjects) ? (subjects as readonly string[]) : none
}
