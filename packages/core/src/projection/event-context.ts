import type { EventMetadata, RecordedEvent } from '../event-store/recorded-event.ts'
import { aggregateIdOf, type StreamName } from '../event-store/stream-name.ts'

/** Where an event comes from: what a projection's handler knows beyond the event's own fields. */
export interface EventContext {
  /** Id of the aggregate that emitted the event. */
  readonly aggregateId: string
  readonly eventId: string
  /** Stable type name of the event. */
  readonly type: string
  readonly stream: StreamName
  readonly revision: bigint
  readonly position: bigint
  readonly recordedAt: Date
  readonly metadata: EventMetadata
}

/** Reads an event's context from its record, where it is asked for. */
export class RecordedEventContext implements EventContext {
  readonly #event: RecordedEvent
  constructor(event: RecordedEvent) {
    this.#event = event
  }
  get aggregateId(): string {
    return aggregateIdOf(this.#event.stream)
  }
  get eventId(): string {
    return this.#event.id
  }
  get type(): string {
    return this.#event.type
  }
  get stream(): StreamName {
    return this.#event.stream
  }
  get revision(): bigint {
    return this.#event.revision
  }
  get position(): bigint {
    return this.#event.position
  }
  get recordedAt(): Date {
    return this.#event.recordedAt
  }
  get metadata(): EventMetadata {
    return this.#event.metadata
  }
}
