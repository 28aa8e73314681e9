import type { RecordedEvent } from '../event-store/recorded-event.ts'

/**
 * What becomes of an event that was not handled: it is delivered again at once (`retry`), kept aside until
 * somebody replays it (`park`), or counts as done (`skip`).
 */
export type NackAction = 'retry' | 'park' | 'skip'

/**
 * One event for one consumer, until it is answered.
 *
 * Answer it once; the first answer counts and a further one repeats its outcome. An answer that is not sent
 * before the group's message timeout, or before the connection is lost, is void: the event is delivered again.
 */
export interface Delivery {
  readonly event: RecordedEvent
  /** How often the event was delivered before, to whomever; 0 at the first time. */
  readonly retryCount: number

  /**
   * Says that the event is handled. Resolves once that is on its way to the server, which does not confirm
   * it: a connection lost right then still delivers the event again.
   *
   * @throws {DeliveryLostError} The connection is gone.
   */
  ack(): Promise<void>

  /**
   * Says that the event is not handled. A retry counts towards the group's `maxRetries`.
   *
   * @param reason Kept with a parked event.
   * @throws {DeliveryLostError} The connection is gone.
   */
  nack(action: NackAction, reason: string): Promise<void>
}

/** What a consumer is doing. */
export type ConsumerState = 'connecting' | 'consuming' | 'stopped'

/** A change of a consumer's state. */
export interface ConsumerStateChange {
  readonly from: ConsumerState
  readonly to: ConsumerState
  /** Why the connection was lost or not made, where that is the reason. */
  readonly cause?: unknown
}

/** Options of {@link ConsumerGroupStore.consume}. */
export interface ConsumeOptions {
  /** Most deliveries without an answer. Default 10. */
  readonly bufferSize?: number
  /** Leaves the group at once when it is raised; what is not answered goes to other consumers. */
  readonly signal?: AbortSignal
  /** How long {@link Consumer.stop} waits for answers to what was handed out, in milliseconds. Default 5000. */
  readonly graceMs?: number
  /** Hears of each change of state. Must not throw. */
  readonly onStateChange?: (change: ConsumerStateChange) => void
}

/**
 * One member of a group. Iterate it once. It reconnects for ever, and only a group that does not exist ends it
 * with an error.
 *
 * Leaving the loop leaves the group at once. Handling several events at the same time is up to `bufferSize`:
 * take the next one without having answered the one before.
 */
export interface Consumer extends AsyncIterable<Delivery> {
  readonly state: ConsumerState
  /**
   * Ends the iteration, waits until everything that was handed out is answered, at most for the grace time,
   * and leaves the group. Idempotent.
   */
  stop(): Promise<void>
}
