import { CheckpointConflictError, DocumentTooLargeError } from '@varve/core'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type MongoConnection,
  MongoReadModelStore,
  ReadModelStoreClosedError,
} from '../src/index.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { account, accounts, commit, generation, levels, write } from './read-models.ts'
import { startServer, type TestServer } from './server.ts'

describe.each(levels)('the MongoDB read-model store at level %s', (level) => {
  let server: TestServer
  let open: OpenStore
  let connection: MongoConnection
  let store: MongoReadModelStore

  beforeAll(async () => {
    server = await startServer(level)
  })
  afterAll(() => server.stop())

  beforeEach(() => {
    open = openStore(server, level)
    ;({ connection, store } = open)
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const documents = () => connection.database.collection('accounts__v1_1').find().toArray()

  it('says so', async () => {
    expect(await store.level()).toBe(level)
  })

  it('has no checkpoint before anybody took it', async () => {
    expect(await store.checkpoints(generation)).toEqual([])
  })

  it('raises the epoch each time the checkpoint is taken', async () => {
    expect(await store.takeCheckpoint(generation)).toEqual({
      id: 'balances__v1_1',
      slots: { first: 0, last: 1023 },
      position: undefined,
      epoch: 1n,
    })
    expect((await store.takeCheckpoint(generation)).epoch).toBe(2n)
    expect((await store.checkpoints(generation))[0]?.epoch).toBe(2n)
  })

  it('gives everyone another epoch who takes the checkpoint at once', async () => {
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => store.takeCheckpoint(generation)),
    )
    expect(taken.map(({ epoch }) => epoch).sort()).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n])
  })

  describe('committing', () => {
    beforeEach(() => store.create(generation, [accounts]))

    it('writes documents and moves the checkpoint', async () => {
      const from = await store.takeCheckpoint(generation)
      const moved = await commit(store, from, 12n, [
        write(account('a', 'Ann', 1), 10n),
        write(account('b', 'Bob', 2), 11n),
      ])
      expect(moved).toEqual({ ...from, position: 12n })
      expect(await store.checkpoints(generation)).toEqual([moved])
      expect(await store.load(generation, accounts, ['a', 'b', 'c'])).toEqual(
        new Map([
          ['a', { document: account('a', 'Ann', 1), position: 10n, events: 1 }],
          ['b', { document: account('b', 'Bob', 2), position: 11n, events: 1 }],
        ]),
      )
    })

    it('keeps positions over 2^53 exactly', async () => {
      const from = await store.takeCheckpoint(generation)
      const high = 2n ** 62n + 1n
      await commit(store, from, high + 1n, [write(account('a', 'Ann', 1), high)])
      expect((await store.checkpoints(generation))[0]?.position).toBe(high + 1n)
      const loaded = await store.load(generation, accounts, ['a'])
      expect(loaded.get('a')?.position).toBe(high)
    })

    it('replaces, deletes and inserts in one batch', async () => {
      const from = await store.takeCheckpoint(generation)
      const first = await commit(store, from, 2n, [
        write(account('a', 'Ann', 1), 1n),
        write(account('b', 'Bob', 2), 2n),
      ])
      await commit(store, first, 6n, [
        write(account('c', 'Cid', 3), 4n),
        write(account('a', 'Ann', 9), 5n, 1n),
        write('b', 6n, 2n),
      ])
      const view = store.view(generation, accounts)
      expect(await view.find().sort({ _id: 1 }).toArray()).toEqual([
        account('a', 'Ann', 9),
        account('c', 'Cid', 3),
      ])
    })

    it('brings a document back that an earlier commit deleted', async () => {
      const from = await store.takeCheckpoint(generation)
      const first = await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)])
      const second = await commit(store, first, 2n, [write('a', 2n, 1n)])
      await commit(store, second, 3n, [write(account('a', 'Ann', 3), 3n, 2n)])
      const loaded = await store.load(generation, accounts, ['a'])
      expect(loaded.get('a')).toEqual({
        document: account('a', 'Ann', 3),
        position: 3n,
        events: 1,
      })
    })

    it('moves only the checkpoint where there is nothing to write', async () => {
      const from = await store.takeCheckpoint(generation)
      const moved = await commit(store, from, 5n)
      expect(moved.position).toBe(5n)
      expect(await documents()).toEqual([])
    })

    it('writes more documents than fit into one message', async () => {
      const from = await store.takeCheckpoint(generation)
      const text = 'x'.repeat(60_000)
      const writes = Array.from({ length: 1_000 }, (_, n) =>
        write({ _id: `a${n}`, ...{ text } }, BigInt(n)),
      )
      await commit(store, from, 1_000n, writes)
      expect(await store.view(generation, accounts).countDocuments()).toBe(1_000)
    })

    it('changes nothing for a runner that lost the checkpoint', async () => {
      const old = await store.takeCheckpoint(generation)
      const first = await commit(store, old, 1n, [write(account('a', 'Ann', 1), 1n)])
      const current = await store.takeCheckpoint(generation)
      const before = await documents()

      const late = commit(store, first, 9n, [
        write(account('a', 'Ann', 99), 9n, 1n),
        write(account('z', 'Zoe', 9), 9n),
      ])
      await expect(late).rejects.toThrow(CheckpointConflictError)
      await expect(late).rejects.toMatchObject({ expected: first, found: current })
      expect(await documents()).toEqual(before)
      expect(await store.checkpoints(generation)).toEqual([current])
    })

    it('changes nothing from a position where the checkpoint is no more', async () => {
      const from = await store.takeCheckpoint(generation)
      await commit(store, from, 5n, [write(account('a', 'Ann', 1), 5n)])
      const again = commit(store, from, 5n, [write(account('a', 'Eve', 0), 5n)])
      await expect(again).rejects.toThrow(CheckpointConflictError)
      const empty = commit(store, from, 6n)
      await expect(empty).rejects.toThrow(CheckpointConflictError)
      const loaded = await store.load(generation, accounts, ['a'])
      expect(loaded.get('a')?.document).toEqual(account('a', 'Ann', 1))
    })

    it('lets exactly one of two runners at the same checkpoint through', async () => {
      const from = await store.takeCheckpoint(generation)
      const results = await Promise.allSettled([
        commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)]),
        commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n)]),
      ])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    it('sends nothing of a batch with a document over 16 MB', async () => {
      const from = await store.takeCheckpoint(generation)
      const large = { _id: 'big', text: 'x'.repeat(17 * 1024 * 1024) }
      const refused = commit(store, from, 2n, [write(account('a', 'Ann', 1), 1n), write(large, 2n)])
      await expect(refused).rejects.toThrow(DocumentTooLargeError)
      await expect(refused).rejects.toMatchObject({ model: 'accounts', id: 'big' })
      expect(await documents()).toEqual([])
      expect((await store.checkpoints(generation))[0]?.position).toBeUndefined()
    })
  })

  it('waits for commits under way when it closes', async () => {
    await store.create(generation, [accounts])
    const from = await store.takeCheckpoint(generation)
    const own = new MongoReadModelStore({ url: server.urlOf(connection.database.databaseName) })
    await own.level()
    const committed = commit(own, from, 1n, [write(account('a', 'Ann', 1), 1n)])
    await own.close()
    expect((await committed).position).toBe(1n)
    await expect(own.checkpoints(generation)).rejects.toThrow(ReadModelStoreClosedError)
  })

  it('leaves a client open that it was given', async () => {
    const client = new MongoClient(server.freshUrl())
    const own = new MongoReadModelStore({ client, database: connection.database.databaseName })
    await own.takeCheckpoint(generation)
    await own.close()
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 })
    await client.close()
  })
})
