import type {
  AppendOptions,
  AppendResult,
  EventStore,
  ReadAllOptions,
  ReadStreamOptions,
} from '../event-store/event-store.ts'
import type {
  EventSubscription,
  SubscribeOptions,
  SubscriptionBatch,
} from '../event-store/event-subscription.ts'
import type { EventToAppend, RecordedEvent } from '../event-store/recorded-event.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { PrivateEvents } from './private-events.ts'

/**
 * A log in which personal data is sealed: everything that reads through it gets data in the clear, or placeholders
 * where the subject is forgotten. A batch is opened with one question for keys.
 */
export class PrivateEventStore implements EventStore {
  readonly #store: EventStore
  readonly #events: PrivateEvents

  constructor(store: EventStore, events: PrivateEvents) {
    this.#store = store
    this.#events = events
  }

  async append(
    stream: StreamName,
    events: readonly EventToAppend[],
    options: AppendOptions,
  ): Promise<AppendResult> {
    return this.#store.append(stream, await this.#events.seal(stream, events), options)
  }

  readStream(
    stream: StreamName,
    options?: ReadStreamOptions,
  ): AsyncIterable<readonly RecordedEvent[]> {
    return this.#opened(this.#store.readStream(stream, options))
  }

  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    return this.#opened(this.#store.readAll(options))
  }

  subscribe(options?: SubscribeOptions): EventSubscription {
    const subscription = this.#store.subscribe(options)
    const events = this.#events
    return {
      get state() {
        return subscription.state
      },
      stop: () => subscription.stop(),
      async *[Symbol.asyncIterator](): AsyncIterator<SubscriptionBatch> {
        for await (const batch of subscription)
          yield { ...batch, events: await events.open(batch.events) }
      },
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async *#opened(
    batches: AsyncIterable<readonly RecordedEvent[]>,
  ): AsyncIterable<readonly RecordedEvent[]> {
    for await (const batch of batches) yield await this.#events.open(batch)
  }
}
