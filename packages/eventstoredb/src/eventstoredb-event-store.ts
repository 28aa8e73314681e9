import {
  type AppendOptions,
  type AppendResult,
  checkStreamSettings,
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
  type StreamName,
  type StreamSettings,
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
import { UnderWay } from './connection/under-way.ts'
import type { EventStoreDBOptions } from './eventstoredb-options.ts'
import { ServerCalls } from './connection/server-calls.ts'
import { EventReader } from './read/event-reader.ts'
import { PageReader } from './read/page-reader.ts'
import { LastEvents } from './stream-administration/last-events.ts'
import { StreamRemover } from './stream-administration/stream-remover.ts'
import { StreamSettingsStore } from './stream-administration/stream-settings-store.ts'
import { checkFilters } from './subscription/event-filter.ts'
import { HeadWatch } from './subscription/head-watch.ts'
import { LogSource } from './subscription/log-source.ts'
import { StreamSource } from './subscription/stream-source.ts'
import { SupervisedSubscription } from './subscription/supervised-subscription.ts'

const probeMs = 250
const stallMs = 5000

/**
 * The event store on EventStoreDB 22.6 or newer, and the administration of its streams.
 *
 * Connects with the first call, and not before. Appends have a connection of their own, so that they never
 * wait behind reads and subscriptions.
 */
export class EventStoreDBEventStore implements EventStore, StreamAdministration {
  readonly #connection: Connection
  readonly #appendPool: ClientPool
  readonly #readPool: ClientPool
  readonly #pages: PageReader
  readonly #reader: EventReader
  readonly #appender: Appender
  readonly #settings: StreamSettingsStore
  readonly #remover: StreamRemover
  readonly #administering = new UnderWay()
  readonly #head = new HeadWatch()
  readonly #subscriptions = new Set<SupervisedSubscription>()
  #closing: Promise<void> | undefined

  /**
   * @throws {InvalidConnectionStringError} The connection string cannot be used; nothing secret is repeated.
   * @throws {ConflictingClientError} The other client package is loaded in this process.
   * @throws {MissingClientError} No client package was passed, and `@eventstore/db-client` is not installed.
   */
  constructor(options: EventStoreDBOptions) {
    this.#connection = openConnection(options)
    const { open, address, retry, timeoutMs } = this.#connection
    this.#appendPool = new ClientPool(open, Infinity)
    this.#readPool = new ClientPool(open, callsPerConnection)
    this.#pages = new PageReader({ pool: this.#readPool, address, retry, timeoutMs })
    this.#reader = new EventReader(this.#pages)
    const sender = new AppendSender(this.#appendPool, timeoutMs)
    const lastEvents = new LastEvents(this.#pages)
    this.#settings = new StreamSettingsStore({ sender, lastEvents, address, retry })
    this.#remover = new StreamRemover({
      calls: new ServerCalls({ pool: this.#readPool, address, retry, timeoutMs }),
      lastEvents,
      settings: this.#settings,
    })
    this.#appender = new Appender({
      sender,
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

  async readStreamSettings(stream: StreamName): Promise<RecordedStreamSettings> {
    this.#checkOpen('readStreamSettings')
    return this.#administering.track(this.#settings.read(stream))
  }

  async setStreamSettings(
    stream: StreamName,
    settings: StreamSettings,
    { expected = 'any' }: SetStreamSettingsOptions = {},
  ): Promise<void> {
    this.#checkOpen('setStreamSettings')
    checkStreamSettings(stream, settings)
    await this.#administering.track(this.#settings.write(stream, settings, expected))
  }

  async deleteStream(
    stream: StreamName,
    { expected = 'any' }: DeleteStreamOptions = {},
  ): Promise<void> {
    this.#checkOpen('deleteStream')
    await this.#administering.track(this.#remover.delete(stream, expected))
  }

  async tombstoneStream(
    stream: StreamName,
    { expected = 'any' }: DeleteStreamOptions = {},
  ): Promise<void> {
    this.#checkOpen('tombstoneStream')
    await this.#administering.track(this.#remover.tombstone(stream, expected))
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    const subscriptions = [...this.#subscriptions].map((subscription) => subscription.stop())
    // An append with an unknown outcome still needs to read.
    await Promise.all([...subscriptions, this.#appender.drain(), this.#administering.drain()])
    this.#pages.close()
    await Promise.all([this.#appendPool.close(), this.#readPool.close()])
  }

  #checkOpen(operation: string): void {
    if (this.#closing) throw new EventStoreClosedError(operation)
  }
}
