import type { RecordedEvent } from '../event-store/recorded-event.ts'

/** An event that a group gave up on: after too many retries, or because a consumer said so. */
export interface ParkedEvent {
  /** Undefined where the event itself is gone meanwhile: its stream was deleted or cut. */
  readonly event: RecordedEvent | undefined
  /** Why, in the words of the consumer or of the server. */
  readonly reason: string
  readonly parkedAt: Date
}
