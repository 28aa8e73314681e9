import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Checkpoint,
  defineReadModel,
  ReadModelStoreUnavailableError,
  type WatchedReadModel,
} from '@varve/core'
import { MongoClient, MongoNetworkError } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startMongoDBServer } from '../../../local/src/mongodb/start-mongodb-server.ts'
import { LocalStorage } from '../../../local/src/storage/local-storage.ts'
import { MongoConnection, MongoReadModelChanges, MongoReadModelStore } from '../../src/index.ts'
import { account, accounts, commit, generation, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'
import { TcpProxy } from '../tcp-proxy.ts'
import { HeardChanges } from './heard-changes.ts'

const watched: readonly WatchedReadModel[] = [{ model: accounts, generation }]
const collection = 'accounts__v1_1'
const quick =
  'directConnection=true&serverSelectionTimeoutMS=200&heartbeatFrequencyMS=500&connectTimeoutMS=300'

describe('changes of read models on a replica set', () => {
  let server: TestServer
  let proxy: TcpProxy
  let direct: MongoConnection
  let client: MongoClient
  let store: MongoReadModelStore
  let changes: MongoReadModelChanges
  let from: Checkpoint
  let commands: string[]

  beforeAll(async () => {
    server = await startServer('exactly-once')
    proxy = await TcpProxy.start(server)
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })
  beforeEach(async () => {
    direct = new MongoConnection({ url: server.freshUrl() })
    store = new MongoReadModelStore({ connection: direct })
    await store.create(generation, [accounts])
    from = await store.takeCheckpoint(generation)
    client = new MongoClient(`mongodb://127.0.0.1:${proxy.port}/?${quick}`, {
      monitorCommands: true,
    })
    commands = []
    client.on('commandStarted', ({ commandName }) => commands.push(commandName))
    const { databaseName: database } = direct.database
    changes = new MongoReadModelChanges({ connection: new MongoConnection({ client, database }) })
  })
  afterEach(async () => {
    proxy.decide = () => 'pass'
    await client.close()
    await direct.database.dropDatabase()
    await direct.close()
  })

  /** Arms a fail point of the server for a command. */
  const fail = (command: string, errorCode: number) =>
    direct.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: [command], errorCode },
    })

  it('names each document with the position of its last event', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    expect(watch?.source).toBe('change stream')
    from = await commit(store, from, 2n, [
      write(account('a', 'Ann', 1), 1n),
      write(account('b', 'Bob', 1), 2n),
    ])
    from = await commit(store, from, 3n, [write(account('a', 'Ann', 2), 3n, 1n)])
    await commit(store, from, 4n, [write('b', 4n, 2n)])
    await heard.until(() => heard.changes.length === 4)
    expect(heard.changes).toEqual([
      { kind: 'document', collection, id: 'a', position: 1n },
      { kind: 'document', collection, id: 'b', position: 2n },
      { kind: 'document', collection, id: 'a', position: 3n },
      { kind: 'document', collection, id: 'b', position: undefined },
    ])
    await watch?.close()
  })

  it('tells of generations, and of no other projection or collection', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    const record = { active: generation, previous: undefined, building: undefined, revision: 1 }
    const next = { ...generation, number: 2 }
    await store.create(next, [accounts, defineReadModel('others')])
    await direct.database.collection<{ _id: string }>('accounts__v1_2').insertOne({ _id: 'x' })
    await store.saveGenerations({ ...record, projection: 'others' }, 0)
    await store.saveGenerations({ ...record, projection: 'balances' }, 0)
    await heard.until(() => heard.changes.length > 0)
    expect(heard.changes).toEqual([{ kind: 'generations', projection: 'balances' }])
    await watch?.close()
  })

  it('asks the server for one stream, and gives it back', async () => {
    const watch = await changes.watch(watched, new HeardChanges())
    expect(commands.filter((name) => name === 'aggregate')).toHaveLength(1)
    await watch?.close()
    await watch?.close()
    expect(commands.filter((name) => name === 'killCursors')).toHaveLength(1)
  })

  it('goes on behind the last event after a lost connection, and misses nothing', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    const ids = ['a', 'b', 'c', 'd', 'e']
    for (const [index, id] of ids.entries()) {
      proxy.cut()
      const position = BigInt(index)
      from = await commit(store, from, position, [write(account(id, 'Ann', 1), position)])
      await heard.until(() => heard.ids.includes(id))
    }
    expect(heard.ids).toEqual(ids)
    expect(heard.changes.filter(({ kind }) => kind === 'gap')).toEqual([])
    await watch?.close()
  })

  it('goes on behind the last event after a server that was away for long', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    proxy.decide = () => 'lose-request'
    proxy.cut()
    await heard.until(() => heard.states.includes('retrying'))
    expect(heard.errors[0]).toBeInstanceOf(ReadModelStoreUnavailableError)
    await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)])
    proxy.decide = () => 'pass'
    await heard.until(() => heard.ids.includes('a'))
    expect(heard.states).toEqual(['retrying', 'live'])
    expect(heard.changes).toEqual([{ kind: 'document', collection, id: 'a', position: 1n }])
    await watch?.close()
  })

  it('tells of a gap where the server has forgotten what came behind the last event', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    await fail('getMore', 286)
    await heard.until(() => heard.changes.length > 0)
    expect(heard.changes).toEqual([{ kind: 'gap' }])
    expect(heard.states).toEqual(['retrying', 'live'])
    await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)])
    await heard.until(() => heard.ids.includes('a'))
    await watch?.close()
  })

  it('tells of a gap where the stream can only be opened anew', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    await fail('aggregate', 286)
    proxy.cut()
    await heard.until(() => heard.changes.length > 0)
    expect(heard.changes).toEqual([{ kind: 'gap' }])
    await watch?.close()
  })

  it('is closed at once while the server is away', async () => {
    const heard = new HeardChanges()
    const watch = await changes.watch(watched, heard)
    proxy.decide = () => 'lose-request'
    proxy.cut()
    await heard.until(() => heard.states.includes('retrying'))
    await watch?.close()
    proxy.decide = () => 'pass'
    expect(heard.states).toEqual(['retrying'])
  })

  it('fails where the server is not there at the start', async () => {
    proxy.decide = () => 'lose-request'
    await expect(changes.watch(watched, new HeardChanges())).rejects.toThrow(
      ReadModelStoreUnavailableError,
    )
  })

  it('knows the failures of a server that was not reached from others', () => {
    expect(changes.isUnavailable(new MongoNetworkError('reset'))).toBe(true)
    expect(changes.isUnavailable(new RangeError('out of range'))).toBe(false)
  })
})

describe('changes of read models on a server that is restarted', () => {
  it('go on behind the last event', async () => {
    const data = mkdtempSync(join(tmpdir(), 'varve-live-'))
    const start = async (port: number) => {
      const storage = LocalStorage.open(join(data, 'data.db'))
      const server = await startMongoDBServer(storage, { port, topology: 'replica-set' })
      const stop = async () => {
        await server.close()
        storage.close()
      }
      return { url: server.url, stop }
    }
    let server = await start(0)
    const { port } = new URL(server.url)
    const connection = new MongoConnection({ url: `mongodb://127.0.0.1:${port}/live?${quick}` })
    try {
      const store = new MongoReadModelStore({ connection })
      await store.create(generation, [accounts])
      let from = await store.takeCheckpoint(generation)
      const heard = new HeardChanges()
      const watch = await new MongoReadModelChanges({ connection }).watch(watched, heard)
      from = await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)])
      await heard.until(() => heard.ids.includes('a'))
      await server.stop()
      await heard.until(() => heard.states.includes('retrying'))
      server = await start(Number(port))
      await heard.until(() => heard.states.includes('live'))
      await commit(store, from, 2n, [write(account('b', 'Bob', 1), 2n)])
      await heard.until(() => heard.ids.includes('b'))
      expect(heard.ids).toEqual(['a', 'b'])
      await watch?.close()
    } finally {
      await connection.close()
      await server.stop()
      await rm(data, { recursive: true })
    }
  })
})

describe('changes of read models on a standalone server', () => {
  it('cannot be watched', async () => {
    const server = await startServer('idempotent')
    if (!server.isStandalone) return
    const connection = new MongoConnection({ url: server.freshUrl() })
    const changes = new MongoReadModelChanges({ connection })
    expect(await changes.watch(watched, new HeardChanges())).toBeUndefined()
    await connection.close()
    await server.stop()
  })
})
