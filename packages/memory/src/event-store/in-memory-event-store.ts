import {
  type AppendOptions,
  type AppendResult,
  type Clock,
  EventStoreClosedError,
  type EventStore,
  type EventSubscription,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
  systemClock,
} from '@varve/core'
import { EventLog } from './event-log.ts'
import { InMemorySubscription } from './in-memory-subscription.ts'
import { pagesOf } from './pages.ts'
import { acceptEvents } from './record-events.ts'

/** Options of {@link InMemoryEventStore}. */
export interface InMemoryEventStoreOptions {
  /** Dates the events. Default: the machine's clock. */
  readonly clock?: Clock
  /** Most bytes of data in one append. Default 1 MiB, as EventStoreDB. */
  readonly maxAppendBytes?: number
}

/**
 * The event store in memory: the fast target of tests, and the smallest complete example of writing one.
 *
 * Everything a real log promises holds here too: expected revisions, idempotent retries, atomic batches,
 * data that only JSON could have carried, subscriptions without a gap or a double. What is handed out is
 * what is stored, frozen; so reading costs next to nothing and nobody can change the past.
 */
export class InMemoryEventStore implements EventStore {
  readonly #log = new EventLog()
  readonly #subscriptions = new Set<InMemorySubscription>()
  readonly #clock: Clock
  readonly #maxAppendBytes: number
  #isClosed = false

  constructor(options: InMemoryEventStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#maxAppendBytes = options.maxAppendBytes ?? 1_048_576
  }

  async append(
    stream: StreamName,
    events: readonly EventToAppend[],
    { expected }: AppendOptions,
  ): Promise<AppendResult> {
    this.#checkOpen('append')
    const accepted = acceptEvents(stream, events, this.#maxAppendBytes)
    return this.#log.append(stream, accepted, expected, this.#clock.now())
  }

  readStream(
    stream: StreamName,
    { from, direction, limit = Infinity }: ReadStreamOptions = {},
  ): AsyncIterable<readonly RecordedEvent[]> {
    this.#checkOpen('readStream')
    const events = this.#log.eventsOf(stream)
    const isBackwards = direction === 'backwards'
    const first = isBackwards ? 0 : Number(from ?? 0n)
    const last = isBackwards
      ? Math.min(Number(from ?? events.length) + 1, events.length)
      : events.length
    return pagesOf(events, { first, last, isBackwards, limit })
  }

  readAll({ from, direction, limit = Infinity }: ReadAllOptions = {}): AsyncIterable<
    readonly RecordedEvent[]
  > {
    this.#checkOpen('readAll')
    const { events } = this.#log
    const isBackwards = direction === 'backwards'
    const first = isBackwards ? 0 : Number(from ?? 0n)
    const last = isBackwards
      ? Math.min(Number(from ?? events.length), events.length)
      : events.length
    return pagesOf(events, { first, last, isBackwards, limit })
  }

  subscribe(options: SubscribeOptions = {}): EventSubscription {
    this.#checkOpen('subscribe')
    const subscription = new InMemorySubscription(this.#log, {
      ...options,
      onStateChange: (change) => {
        if (change.to === 'stopped') this.#subscriptions.delete(subscription)
        options.onStateChange?.(change)
      },
    })
    this.#subscriptions.add(subscription)
    return subscription
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()))
  }

  #checkOpen(operation: string): void {
    if (this.#isClosed) throw new EventStoreClosedError(operation)
  }
}
