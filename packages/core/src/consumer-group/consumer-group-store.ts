import type { ConsumeOptions, Consumer } from './consumer.ts'
import type { ConsumerGroup, ConsumerGroupSettings, ConsumerGroupStatus } from './consumer-group.ts'
import type { ParkedEvent } from './parked-event.ts'

/** Options of {@link ConsumerGroupStore.replayParked}. */
export interface ReplayParkedOptions {
  /** Most events, the longest parked first. Default: all that are parked at the time of the call. */
  readonly limit?: number
}

/**
 * The queue half of publish and subscribe: consumers compete for the events of a group, and the server keeps
 * what is done with. A subscription delivers every event to each subscriber, in order; a group delivers each
 * to one consumer.
 *
 * At least once: an event counts as done when it was acknowledged, skipped or parked. What a consumer did not
 * answer before it died, lost its connection or let the message timeout pass is delivered again. Order is not
 * kept across retries and consumers. Retries are counted by the server, also those of events that only waited
 * in a lost consumer's buffer; one retry too many parks the event.
 *
 * Every method throws {@link EventStoreUnavailableError} where the server does not answer for as long as the
 * adapter retries, except a running consumer, which reconnects for ever.
 */
export interface ConsumerGroupStore {
  /**
   * Creates the group where it is missing. Of an existing group it changes the settings named that differ,
   * which makes its consumers reconnect; so processes that agree may all call it when they start.
   *
   * @param settings What is left out is the default for a new group, and as it was for an existing one.
   * @throws {InvalidConsumerGroupError}
   * @throws {ConsumerGroupConflictError} A group of this name follows something else.
   */
  ensure(group: ConsumerGroup, settings?: ConsumerGroupSettings): Promise<void>

  /** Removes the group and what it has parked; ends its consumers with an error. Does nothing where it is missing. */
  remove(group: ConsumerGroup): Promise<void>

  /** Tells where the group is; undefined where it is missing. */
  describe(group: ConsumerGroup): Promise<ConsumerGroupStatus | undefined>

  /**
   * Joins the group. The iteration throws {@link ConsumerGroupNotFoundError} where the group is missing or was
   * removed; a group that has all the consumers it takes lets this one wait.
   */
  consume(group: ConsumerGroup, options?: ConsumeOptions): Consumer

  /** Reads what is parked, the longest parked first, in non-empty batches. Nothing where the group is missing. */
  parked(group: ConsumerGroup): AsyncIterable<readonly ParkedEvent[]>

  /**
   * Delivers parked events again, with their retries counted from 0.
   *
   * @throws {ConsumerGroupNotFoundError}
   */
  replayParked(group: ConsumerGroup, options?: ReplayParkedOptions): Promise<void>

  /** Stops consumers as {@link Consumer.stop} does, and frees connections. Further calls fail. */
  close(): Promise<void>
}
