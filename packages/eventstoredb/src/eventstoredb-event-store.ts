import {
  type AppendOptions,
  type AppendResult,
  EventStoreClosedError,
  type EventStore,
  type EventSubscription,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
} from '@varve/core'
import { AppendSender } from './append/append-sender.ts'
import { Appender } from './append/appender.ts'
import { RecordedBatches } from './append/recorded-batches.ts'
import { ClientPool } from './connection/client-pool.ts'
import {
  callsPerConnection,
  type Connection,
  openConnection,
} from './connection/open-connection.ts'
import type { EventStoreDBOptions } from './eventstoredb-options.ts'
import { EventReader } from './read/event-reader.ts'
import { PageReader } from './read/page-reader.ts'
import { checkFilters } from './subscription/event-filter.ts'
import { HeadWatch } from './subscription/head-watch.ts'
import { LogSource } from './subscription/log-source.ts'
import { StreamSource } from './subscription/stream-source.ts'
import { SupervisedSubscription } from './subscription/supervised-subscription.ts'

const probeMs = 250
const stallMs = 5000

/**
 * The event store on EventStoreDB 22.6 or newer.
 *
 * Connects with the first call, and not before. Appends have a connection of their own, so that they never
 * wait behind reads and subscriptions.
 */
export class EventStoreDBEventStore implements EventStore {
  readonly #connection: Connection
  readonly #appendPool: ClientPool
  readonly #readPool: ClientPool
  readonly #pages: PageReader
  readonly #reader: EventReader
  readonly #appender: Appender
  readonly #head = new HeadWatch()
  readonly #subscriptions = new Set<SupervisedSubscription>()
  #closing: Promise<void> | undefined

  /**
   * @throws {InvalidConnectionStringError} The connection string cannot be used; nothing secret is repeated.
   * @throws {ConflictingClientError} The other client package is loaded in this process.
   */
  constructor(options: EventStoreDBOptions) {
    this.#connection = openConnection(options)
    const { open, address, retry, timeoutMs } = this.#connection
    this.#appendPool = new ClientPool(open, Infinity)
    this.#readPool = new ClientPool(open, callsPerConnection)
    this.#pages = new PageReader({ pool: this.#readPool, address, retry, timeoutMs })
    this.#reader = new EventReader(this.#pages)
    this.#appender = new Appender({
      sender: new AppendSender(this.#appendPool, timeoutMs),
      recorded: new RecordedBatches(this.#reader),
      address,
      retry,
    })
  }

  async append(
    stream: StreamName,
    events: readonly EventToAppend[],
    { expected }: AppendOptions,
  ): Promise<AppendResult> {
    this.#checkOpen('append')
    return this.#appender.append(stream, events, expected)
  }

  readStream(
    stream: StreamName,
    options?: ReadStreamOptions,
  ): AsyncIterable<readonly RecordedEvent[]> {
    this.#checkOpen('readStream')
    return this.#reader.readStream(stream, options)
  }

  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    this.#checkOpen('readAll')
    return this.#reader.readAll(options)
  }

  /** @throws {InvalidSubscriptionError} The filters contradict each other. */
  subscribe(options: SubscribeOptions = {}): EventSubscription {
    this.#checkOpen('subscribe')
    checkFilters(options)
    const { stream, onStateChange } = options
    const { logger, timeoutMs } = this.#connection
    const subscription = new SupervisedSubscription({
      source:
        stream === undefined
          ? new LogSource(options, this.#head)
          : new StreamSource(stream, options),
      pool: this.#readPool,
      times: { probeMs, stallMs, answerMs: timeoutMs },
      logger,
      stream,
      onStateChange: (change) => {
        if (change.to === 'stopped') this.#subscriptions.delete(subscription)
        onStateChange?.(change)
      },
    })
    this.#subscriptions.add(subscription)
    return subscription
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    const subscriptions = [...this.#subscriptions].map((subscription) => subscription.stop())
    // An append with an unknown outcome still needs to read.
    await Promise.all([...subscriptions, this.#appender.drain()])
    this.#pages.close()
    await Promise.all([this.#appendPool.close(), this.#readPool.close()])
  }

  #checkOpen(operation: string): void {
    if (this.#closing) throw new EventStoreClosedError(operation)
  }
}
