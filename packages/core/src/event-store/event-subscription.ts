import type { RecordedEvent } from './recorded-event.ts'
import type { StreamName } from './stream-name.ts'

/** What a subscription is doing. `stalled`: connected, but nothing arrives although the log has moved on. */
export type SubscriptionState = 'connecting' | 'catching-up' | 'live' | 'stalled' | 'stopped'

/** A change of a subscription's state. */
export interface SubscriptionStateChange {
  readonly from: SubscriptionState
  readonly to: SubscriptionState
  /** Why the connection was lost, where that is the reason. */
  readonly cause?: unknown
}

/** Where a subscription starts and what it delivers. */
export interface SubscribeOptions {
  /** Position after which to start, exclusive. Default: the start of the log. */
  readonly after?: bigint
  /** Only events of these types, filtered by the server. Default: all but the server's own. */
  readonly types?: readonly string[]
  /** Only streams with one of these prefixes. Not together with `types`. */
  readonly streamPrefixes?: readonly string[]
  /** Only this stream, by `afterRevision` and not by `after`. Not together with the other filters. */
  readonly stream?: StreamName
  /** With `stream`: revision after which to start, exclusive. Default: the start of the stream. */
  readonly afterRevision?: bigint
  /** Hears of each change of state. Must not throw. */
  readonly onStateChange?: (change: SubscriptionStateChange) => void
}

/** One step of a subscription. */
export interface SubscriptionBatch {
  /** Oldest first. Empty when only the position moved or the end of the log was reached. */
  readonly events: readonly RecordedEvent[]
  /**
   * Everything the subscription asks for up to this position has been yielded; resume from here.
   * Undefined while the log is known to be empty. Never goes back.
   */
  readonly position: bigint | undefined
  /** Whether this batch reached the end of the log as it was when the batch was made. */
  readonly isCaughtUp: boolean
}

/** A running subscription. Iterate it once; leaving the loop stops it. */
export interface EventSubscription extends AsyncIterable<SubscriptionBatch> {
  readonly state: SubscriptionState
  /** Ends the iteration after the batch at hand. Idempotent. */
  stop(): Promise<void>
}
