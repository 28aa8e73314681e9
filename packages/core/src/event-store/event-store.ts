import type { EventSubscription, SubscribeOptions } from './event-subscription.ts'
import type { ExpectedRevision } from './expected-revision.ts'
import type { EventToAppend, RecordedEvent } from './recorded-event.ts'
import type { StreamName } from './stream-name.ts'

/** Options of {@link EventStore.append}. */
export interface AppendOptions {
  readonly expected: ExpectedRevision
}

/** What an append recorded. */
export interface AppendResult {
  /** Revision of the last event written; the first event of a stream is `0n`. */
  readonly revision: bigint
  /** Position of the last event written. */
  readonly position: bigint
}

/** Options of {@link EventStore.readStream}. */
export interface ReadStreamOptions {
  /** First revision to read, inclusive. Default: the first event, or the last one when reading backwards. */
  readonly from?: bigint
  /** Default `'forwards'`. */
  readonly direction?: 'forwards' | 'backwards'
  /** Most events to yield. Default: all. */
  readonly limit?: number
}

/** Options of {@link EventStore.readAll}. */
export interface ReadAllOptions {
  /**
   * Forwards: position of the first event to read, inclusive. Backwards: only events before it.
   * Must be the position of an event. Default: the start of the log, or its end when reading backwards.
   */
  readonly from?: bigint
  /** Default `'forwards'`. */
  readonly direction?: 'forwards' | 'backwards'
  /** Most events to yield. Default: all. */
  readonly limit?: number
}

/**
 * The append-only log: the single source of truth.
 *
 * Reads and subscriptions yield non-empty batches, so that a reader awaits once a page and not once an event.
 * The server's own events (types with a leading `$`, links included) are never delivered.
 */
export interface EventStore {
  /**
   * Appends events to one stream, all or nothing.
   *
   * An outcome the adapter cannot know (time-out, dropped connection) is settled by sending the same ids at
   * the same revision again, so a call that returns has recorded its events exactly once.
   *
   * @param events Oldest first, at least one.
   * @throws {WrongExpectedRevisionError} Another writer was first. Reload, decide again, retry.
   * @throws {EventTooLargeError} The append is over the server's limit (1 MiB by default). Nothing was recorded.
   * @throws {StreamDeletedError} The stream was deleted for good.
   * @throws {EventStoreUnavailableError} The server did not answer for as long as the adapter retries.
   * @see EventStoreDB documentation, "Appending events", for the expected-revision rules
   */
  append(
    stream: StreamName,
    events: readonly EventToAppend[],
    options: AppendOptions,
  ): Promise<AppendResult>

  /**
   * Reads one stream. A stream that does not exist, or was soft-deleted, yields nothing.
   *
   * @throws {StreamDeletedError} The stream was deleted for good.
   * @throws {EventStoreUnavailableError}
   */
  readStream(
    stream: StreamName,
    options?: ReadStreamOptions,
  ): AsyncIterable<readonly RecordedEvent[]>

  /**
   * Reads the whole log, in the order of positions, as far as it reaches at the time of the call.
   *
   * @throws {EventStoreUnavailableError}
   */
  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>

  /**
   * Follows the log: first what is there, then what comes. Never ends by itself and survives every outage
   * by resuming after what it last yielded; each event is yielded exactly once and in order.
   */
  subscribe(options?: SubscribeOptions): EventSubscription

  /** Ends subscriptions, waits for appends under way and frees connections. Further calls fail. */
  close(): Promise<void>
}
