import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Application, createApplication, type LiveQuery, silentLogger } from 'varve'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEventStoreDBServer } from '../../packages/local/src/eventstoredb/eventstoredb-server.ts'
import { startMongoDBServer } from '../../packages/local/src/mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../../packages/local/src/storage/local-storage.ts'
import { ReceiveGoods, ShipGoods, StockItem } from '../docs/tutorial/stock-item.ts'
import {
  GetLevel,
  GetLevelHandler,
  type StockLevel,
  StockLevels,
} from '../docs/tutorial/stock-levels-2.ts'

type Topology = 'replica-set' | 'standalone'

/** Both servers, with their data in a folder, so that the read models can be restarted. */
class Servers {
  readonly #data = mkdtempSync(join(tmpdir(), 'varve-live-'))
  readonly #topology: Topology
  #stopEvents = async (): Promise<void> => undefined
  #stopReadModels = async (): Promise<void> => undefined
  #eventStore = ''
  #port = 0

  constructor(topology: Topology) {
    this.#topology = topology
  }

  async start(): Promise<void> {
    const storage = LocalStorage.open(':memory:')
    const server = await startEventStoreDBServer(storage)
    this.#eventStore = server.url
    this.#stopEvents = async () => {
      await server.close()
      storage.close()
    }
    await this.startReadModels()
  }

  async startReadModels(): Promise<void> {
    const storage = LocalStorage.open(join(this.#data, 'read-models.db'))
    const topology = this.#topology
    const server = await startMongoDBServer(storage, { port: this.#port, topology })
    this.#port = Number(new URL(server.url).port)
    this.#stopReadModels = async () => {
      await server.close()
      storage.close()
    }
  }

  async stopReadModels(): Promise<void> {
    await this.#stopReadModels()
  }

  /** A process of the application, with a database of its own choice. */
  open(database: string): Promise<Application> {
    const options = 'directConnection=true&serverSelectionTimeoutMS=500&heartbeatFrequencyMS=500'
    return createApplication({
      definitions: [StockItem, StockLevels, GetLevelHandler],
      eventStore: this.#eventStore,
      readModels: `mongodb://127.0.0.1:${this.#port}/${database}?${options}`,
      logger: silentLogger,
    })
  }

  async stop(): Promise<void> {
    await this.#stopReadModels()
    await this.#stopEvents()
    await rm(this.#data, { recursive: true })
  }
}

/** Reads the level of an item in one process. */
class LevelReader {
  readonly seen: number[] = []
  readonly #live: LiveQuery<StockLevel | null>
  readonly #results: AsyncIterator<StockLevel | null, undefined>

  constructor(app: Application, itemId: string) {
    this.#live = app.subscribe(new GetLevel(itemId))
    this.#results = this.#live[Symbol.asyncIterator]()
  }

  /** Reads until a number of pieces is in stock. */
  async until(inStock: number): Promise<void> {
    while (this.seen.at(-1) !== inStock)
      this.seen.push((await this.#results.next()).value?.inStock ?? 0)
  }

  close(): Promise<void> {
    return this.#live.close()
  }
}

describe.each<[Topology, string]>([
  ['replica-set', 'change stream'],
  ['standalone', 'polling'],
])('two processes over a %s', (topology, source) => {
  const servers = new Servers(topology)
  beforeAll(() => servers.start())
  afterAll(() => servers.stop())

  it('see what the other one writes', async () => {
    await using one = await servers.open('both')
    await using two = await servers.open('both')
    const readers = [one, two].map((app) => new LevelReader(app, 'both-tea'))
    await one.execute(ReceiveGoods, { itemId: 'both-tea', quantity: 10 })
    await two.execute(ShipGoods, { itemId: 'both-tea', quantity: 3 })
    for (const reader of readers) await reader.until(7)
    for (const reader of readers) await reader.close()
    for (const { liveQueries } of [one, two])
      expect(liveQueries.status()).toMatchObject({ state: 'idle', subscribers: 0 })
  })

  it(`hear of each other by ${source}`, async () => {
    await using app = await servers.open('source')
    await using live = app.subscribe(new GetLevel('source-tea'))
    await live[Symbol.asyncIterator]().next()
    expect(app.liveQueries.status()).toMatchObject({ state: 'live', source, subscribers: 1 })
  })

  it('follow a rebuild of the other one', async () => {
    await using one = await servers.open('rebuild')
    await using two = await servers.open('rebuild')
    await one.execute(ReceiveGoods, { itemId: 'rebuild-tea', quantity: 10 })
    const readers = [one, two].map((app) => new LevelReader(app, 'rebuild-tea'))
    for (const reader of readers) await reader.until(10)
    // The second rebuild drops what the readers began with.
    for (const app of [one, two]) await app.projections.rebuild('stock-levels')
    await two.execute(ShipGoods, { itemId: 'rebuild-tea', quantity: 1 })
    for (const reader of readers) await reader.until(9)
    for (const reader of readers) await reader.close()
  })

  it('miss nothing, whenever they begin to listen', async () => {
    await using writer = await servers.open('race')
    await using reader = await servers.open('race')
    const readers: LevelReader[] = []
    for (let count = 1; count <= 60; count += 1) {
      await writer.execute(ReceiveGoods, { itemId: 'race-tea', quantity: 1 })
      if (count % 3 === 0) readers.push(new LevelReader(reader, 'race-tea'))
    }
    for (const live of readers) {
      await live.until(60)
      expect(live.seen).toEqual([...new Set(live.seen)].sort((a, b) => a - b))
      await live.close()
    }
  })

  it('go on after the server was restarted', async () => {
    await using one = await servers.open('restart')
    await using two = await servers.open('restart')
    await one.execute(ReceiveGoods, { itemId: 'restart-tea', quantity: 10 })
    const readers = [one, two].map((app) => new LevelReader(app, 'restart-tea'))
    for (const reader of readers) await reader.until(10)
    await servers.stopReadModels()
    await one.execute(ShipGoods, { itemId: 'restart-tea', quantity: 6 })
    await servers.startReadModels()
    for (const reader of readers) await reader.until(4)
    for (const reader of readers) await reader.close()
  })
})

it('closing the application ends its live queries', async () => {
  const app = await createApplication({
    definitions: [StockItem, StockLevels, GetLevelHandler],
    eventStore: 'memory:',
    readModels: 'memory:',
  })
  const results = app.subscribe(new GetLevel('tea'))[Symbol.asyncIterator]()
  expect(await results.next()).toEqual({ done: false, value: null })
  const next = results.next()
  await app.close()
  expect(await next).toEqual({ done: true, value: undefined })
  expect(() => app.subscribe(new GetLevel('tea'))).toThrow('the application is closed')
})
