import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { DeliveryMode } from './event-handler-definition.ts'

/**
 * What an event handler is doing. `standby`: another process runs it. `retrying`: an event or a server failed and
 * is tried again. `waiting`: its circuit breaker is open. `paused`: somebody wants it to rest. `halted`: it gave up on an
 * event and waits for somebody.
 */
export type EventHandlerState =
  | 'starting'
  | 'standby'
  | 'catching-up'
  | 'live'
  | 'retrying'
  | 'waiting'
  | 'paused'
  | 'halted'
  | 'stopped'

/** What is known of an event handler in this process. Counts are since its start. */
export interface EventHandlerStatus {
  readonly name: string
  readonly delivery: DeliveryMode
  readonly state: EventHandlerState
  /** Everything up to here is done with, as far as this process knows. */
  readonly position: bigint | undefined
  /** The event under way; the one it halted on. */
  readonly event: RecordedEvent | undefined
  /** Events that were handled. */
  readonly handled: number
  /** Events that were left alone: remembered as handled, or of a replay it takes no part in. */
  readonly passedOver: number
  /** Events that failed for good and were left behind. */
  readonly lost: number
  /** Failed tries that were followed by another. */
  readonly retries: number
  /** Events that became dead letters, those behind others included. */
  readonly lettersWritten: number
  /** Dead letters that were handled, or removed after somebody discarded them. */
  readonly lettersSettled: number
  readonly lastError: unknown
}
