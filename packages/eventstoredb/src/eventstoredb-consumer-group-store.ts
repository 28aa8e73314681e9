import {
  checkConsumerGroup,
  type ConsumeOptions,
  type Consumer,
  type ConsumerGroup,
  ConsumerGroupConflictError,
  ConsumerGroupNotFoundError,
  type ConsumerGroupSettings,
  type ConsumerGroupStatus,
  type ConsumerGroupStore,
  describeSource,
  EventStoreClosedError,
  type ParkedEvent,
  type ReplayParkedOptions,
} from '@varve/core'
import { ClientPool } from './connection/client-pool.ts'
import {
  callsPerConnection,
  type Connection,
  openConnection,
} from './connection/open-connection.ts'
import { ServerCalls } from './connection/server-calls.ts'
import { groupAddress, isNamesake, parkedStream, wholeLog } from './consumer-group/group-address.ts'
import { GroupCommands } from './consumer-group/group-commands.ts'
import { ParkedCursor, type ParkedEntry } from './consumer-group/parked-cursor.ts'
import { changedSettings, newSettings } from './consumer-group/server-settings.ts'
import { SupervisedConsumer } from './consumer-group/supervised-consumer.ts'
import type { EventStoreDBOptions } from './eventstoredb-options.ts'
import { PageReader } from './read/page-reader.ts'

/** Silence after which a consumer's connection is looked after, in milliseconds. */
const probeMs = 2000

/**
 * Consumer groups as EventStoreDB's persistent subscriptions: 21.10 or newer, or 22.6 where events are to tell
 * their positions. Making, describing and removing groups needs the rights of an operator.
 *
 * Consumers have connections of their own. Connects with the first call, and not before.
 */
export class EventStoreDBConsumerGroupStore implements ConsumerGroupStore {
  readonly #connection: Connection
  readonly #callPool: ClientPool
  readonly #consumerPool: ClientPool
  readonly #calls: ServerCalls
  readonly #pages: PageReader
  readonly #consumers = new Set<SupervisedConsumer>()
  #closing: Promise<void> | undefined

  /**
   * @throws {InvalidConnectionStringError} The connection string cannot be used; nothing secret is repeated.
   * @throws {ConflictingClientError} The other client package is loaded in this process.
   * @throws {MissingClientError} No client package was passed, and `@eventstore/db-client` is not installed.
   */
  constructor(options: EventStoreDBOptions) {
    this.#connection = openConnection(options)
    const { open, address, retry, timeoutMs } = this.#connection
    this.#callPool = new ClientPool(open, callsPerConnection)
    this.#consumerPool = new ClientPool(open, callsPerConnection)
    const shared = { pool: this.#callPool, address, retry, timeoutMs }
    this.#calls = new ServerCalls(shared)
    this.#pages = new PageReader(shared)
  }

  async ensure(group: ConsumerGroup, settings: ConsumerGroupSettings = {}): Promise<void> {
    this.#check('ensure', group)
    for (;;) {
      const existing = await this.#ask('looking for', group, (commands) => commands.describe())
      if (!existing) {
        if (await this.#create(group, settings)) return
        continue
      }
      const changed = changedSettings(existing.settings, settings)
      if (!changed) return
      const startFrom = existing.settings.startFrom ?? 'end'
      if (await this.#ask('changing', group, (commands) => commands.update(changed, startFrom)))
        return
    }
  }

  async remove(group: ConsumerGroup): Promise<void> {
    this.#check('remove', group)
    await this.#ask('removing', group, (commands) => commands.delete())
  }

  async describe(group: ConsumerGroup): Promise<ConsumerGroupStatus | undefined> {
    this.#check('describe', group)
    const facts = await this.#ask('describing', group, (commands) => commands.describe())
    if (!facts) return undefined
    const { stats, connections } = facts
    return {
      checkpoint:
        stats.lastCheckpointedEventRevision ?? stats.lastCheckpointedEventPosition?.commit,
      inFlight: stats.totalInFlightMessages,
      retrying: stats.retryBufferCount,
      parked: Number(stats.parkedMessageCount),
      consumers: connections.map(({ connectionName, inFlightMessages }) => ({
        name: connectionName,
        inFlight: inFlightMessages,
      })),
    }
  }

  consume(group: ConsumerGroup, options: ConsumeOptions = {}): Consumer {
    this.#check('consume', group)
    const { logger, timeoutMs } = this.#connection
    const consumer = new SupervisedConsumer(group, {
      ...options,
      pool: this.#consumerPool,
      times: { probeMs, stallMs: Infinity, answerMs: timeoutMs },
      logger,
      onStateChange: (change) => {
        if (change.to === 'stopped') this.#consumers.delete(consumer)
        options.onStateChange?.(change)
      },
    })
    this.#consumers.add(consumer)
    return consumer
  }

  parked(group: ConsumerGroup): AsyncIterable<readonly ParkedEvent[]> {
    this.#check('parked', group)
    return this.#parked(group)
  }

  async replayParked(group: ConsumerGroup, { limit }: ReplayParkedOptions = {}): Promise<void> {
    this.#check('replayParked', group)
    const operation = `replaying what consumer group "${group.name}" has parked`
    // A place and not a number of events: a try that is repeated must not replay more.
    const cursor = new ParkedCursor(
      parkedStream(groupAddress(group)),
      limit === undefined ? 'backwards' : 'forwards',
    )
    let last: ParkedEntry | undefined
    for await (const page of this.#pages.read(cursor, { operation }, limit ?? 1)) last = page.at(-1)
    const stopAt = (last?.place ?? -1n) + 1n
    const isThere = await this.#ask('replaying', group, (commands) => commands.replayParked(stopAt))
    if (!isThere) throw new ConsumerGroupNotFoundError(group.name, describeSource(group))
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    this.#pages.close()
    await Promise.all([this.#callPool.close(), this.#consumerPool.close()])
  }

  /** Creates a group; false where somebody else did meanwhile. */
  async #create(
    group: ConsumerGroup,
    { startFrom = 'end', ...settings }: ConsumerGroupSettings,
  ): Promise<boolean> {
    if (groupAddress(group).source === wholeLog) {
      const names = await this.#ask('listing', group, (commands) => commands.namesOnWholeLog())
      if (names.some((name) => isNamesake(name, group)))
        throw new ConsumerGroupConflictError(group.name, describeSource(group))
    }
    return this.#ask('creating', group, (commands) =>
      commands.create(newSettings(settings), startFrom),
    )
  }

  async *#parked(group: ConsumerGroup): AsyncGenerator<readonly ParkedEvent[], undefined> {
    const cursor = new ParkedCursor(parkedStream(groupAddress(group)))
    const operation = `reading what consumer group "${group.name}" has parked`
    for await (const page of this.#pages.read(cursor, { operation }))
      yield page.map(({ place: _, ...parked }) => parked)
  }

  #ask<Answer>(
    doing: string,
    group: ConsumerGroup,
    ask: (commands: GroupCommands) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#calls.ask({ operation: `${doing} consumer group "${group.name}"` }, (client) =>
      ask(new GroupCommands(client, group)),
    )
  }

  #check(operation: string, group: ConsumerGroup): void {
    if (this.#closing) throw new EventStoreClosedError(operation)
    checkConsumerGroup(group)
  }
}
