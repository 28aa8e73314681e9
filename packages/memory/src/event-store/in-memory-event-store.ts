import {
  type AppendOptions,
  type AppendResult,
  checkStreamSettings,
  type Clock,
  type DeleteStreamOptions,
  EventStoreClosedError,
  type EventStore,
  type EventSubscription,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type RecordedStreamSettings,
  type SetStreamSettingsOptions,
  type StreamAdministration,
  StreamDeletedError,
  type StreamName,
  type StreamSettings,
  type SubscribeOptions,
  systemClock,
  WrongExpectedRevisionError,
} from '@varve/core'
import { EventLog } from './event-log.ts'
import type { InMemoryStream } from './in-memory-stream.ts'
import { InMemorySubscription } from './in-memory-subscription.ts'
import { pagesOf } from './pages.ts'
import { acceptEvents } from './record-events.ts'

const nothing = { events: [], retention: undefined }

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
export class InMemoryEventStore implements EventStore, StreamAdministration {
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
    const found = this.#log.find(stream)
    if (found?.isTombstoned) return deletedPages(stream)
    const { events, retention } = found ?? nothing
    const isBackwards = direction === 'backwards'
    const readable = retention?.firstReadable(events, this.#clock.now()) ?? 0
    const first = isBackwards ? readable : Math.max(readable, Number(from ?? 0n))
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
    const reporting: SubscribeOptions = {
      ...options,
      onStateChange: (change) => {
        if (change.to === 'stopped') this.#subscriptions.delete(subscription)
        options.onStateChange?.(change)
      },
    }
    const subscription = new InMemorySubscription(this.#log, reporting, this.#clock)
    this.#subscriptions.add(subscription)
    return subscription
  }

  async readStreamSettings(stream: StreamName): Promise<RecordedStreamSettings> {
    this.#checkOpen('readStreamSettings')
    return this.#alive(stream).retention.recorded
  }

  async setStreamSettings(
    stream: StreamName,
    settings: StreamSettings,
    { expected = 'any' }: SetStreamSettingsOptions = {},
  ): Promise<void> {
    this.#checkOpen('setStreamSettings')
    checkStreamSettings(stream, settings)
    const { retention, events } = this.#alive(stream)
    retention.set(settings, expected, events.length)
  }

  async deleteStream(stream: StreamName, options: DeleteStreamOptions = {}): Promise<void> {
    this.#checkOpen('deleteStream')
    const found = this.#alive(stream)
    this.#checkExpected(found, options)
    if (this.#readable(found) > 0) found.retention.delete()
  }

  async tombstoneStream(stream: StreamName, options: DeleteStreamOptions = {}): Promise<void> {
    this.#checkOpen('tombstoneStream')
    const found = this.#alive(stream)
    this.#checkExpected(found, options)
    this.#log.tombstone(found)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()))
  }

  #alive(stream: StreamName): InMemoryStream {
    const found = this.#log.stream(stream)
    found.checkAlive()
    return found
  }

  /** How many events of a stream can be read. */
  #readable({ events, retention }: InMemoryStream): number {
    return events.length - retention.firstReadable(events, this.#clock.now())
  }

  #checkExpected(stream: InMemoryStream, { expected = 'any' }: DeleteStreamOptions): void {
    const actual = stream.events.at(-1)?.revision
    const isExpected =
      expected === 'stream-exists' ? this.#readable(stream) > 0 : expected === actual
    if (expected === 'any' || isExpected) return
    throw new WrongExpectedRevisionError(stream.name, expected, actual)
  }

  #checkOpen(operation: string): void {
    if (this.#isClosed) throw new EventStoreClosedError(operation)
  }
}

function deletedPages(stream: StreamName): AsyncIterable<never> {
  const next = (): Promise<never> => Promise.reject(new StreamDeletedError(stream))
  return { [Symbol.asyncIterator]: () => ({ next }) }
}
