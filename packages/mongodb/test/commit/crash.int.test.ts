import { type Checkpoint, slotOf } from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoConnection, MongoReadModelStore } from '../../src/index.ts'
import { account, accounts, commit, generation, pastAccounts, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

describe('a crash between documents and checkpoint at level idempotent', () => {
  let server: TestServer
  let connection: MongoConnection
  let store: MongoReadModelStore

  beforeAll(async () => {
    server = await startServer('idempotent')
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    connection = new MongoConnection({ url: server.freshUrl() })
    store = new MongoReadModelStore({ connection, require: 'idempotent' })
    await store.create(generation, [pastAccounts])
  })
  afterEach(async () => {
    await connection.database.dropDatabase()
    await connection.close()
  })

  const checkpoints = () => connection.database.collection<{ _id: string }>('varve_checkpoints')
  const everything = async () => ({
    documents: await connection.database
      .collection('accounts__v1_1', {})
      .find({}, { projection: { '_meta.at': 0 } })
      .sort({ _id: 1 })
      .toArray(),
    versions: await connection.database
      .collection('accounts__v1_1__history')
      .find()
      .sort({ _id: 1 })
      .toArray(),
  })
  /** Puts the checkpoint back, as a crash leaves it that came before it was moved. */
  const forgetCheckpoint = async ({ id, position }: Checkpoint) => {
    await checkpoints().updateOne({ _id: id }, { $set: { position: position ?? null } })
    return store.takeCheckpoint(generation)
  }
  const made = (id: string, balance: number, position: bigint, previous?: bigint) => {
    const document = account(id, 'Ann', balance)
    const version = { position, recordedAt: new Date(Number(position) * 1_000), document }
    return write(document, position, previous, { model: pastAccounts, versions: [version] })
  }

  it('leaves the same documents and versions when the batch is written again', async () => {
    const from = await store.takeCheckpoint(generation)
    const batch = [made('a', 1, 1n), made('b', 2, 2n)]
    await commit(store, from, 2n, batch)
    const before = await everything()
    const again = await forgetCheckpoint(from)
    await commit(store, again, 2n, batch)
    expect(await everything()).toEqual(before)
    expect((await store.checkpoints(generation))[0]?.position).toBe(2n)
  })

  it('leaves the same when only a part was written, and the batch is cut at another place', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 1n, [made('a', 1, 1n)])
    const versions = [made('a', 2, 2n), made('a', 3, 3n)].flatMap((one) => one.versions)
    const whole = { ...made('a', 3, 3n, 1n), versions }
    await commit(store, first, 3n, [whole, made('b', 9, 3n)])
    const before = await everything()

    // As if only the versions had been written: the document is put back to what it was.
    await connection.database
      .collection<{ _id: string }>('accounts__v1_1')
      .replaceOne(
        { _id: 'a' },
        { ...account('a', 'Ann', 1), _meta: { position: 1n, at: new Date() } },
      )
    const again = await forgetCheckpoint(first)
    const second = await commit(store, again, 2n, [made('a', 2, 2n, 1n)])
    await commit(store, second, 3n, [made('a', 3, 3n, 2n), made('b', 9, 3n)])
    expect(await everything()).toEqual(before)
  })

  it('does not bring a deleted document back, nor show the replay a missing one', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 1n, [made('a', 1, 1n)])
    // The crash comes right before the checkpoint moves.
    const tombstones = connection.database.collection('varve_tombstones')
    await commit(store, first, 5n, [write('a', 5n, 1n, { model: pastAccounts })])
    await tombstones.insertOne({
      _id: { collection: 'accounts__v1_1', id: 'a' },
      generation: first.id,
      slot: slotOf('a'),
      position: 5n,
    } as never)
    const again = await forgetCheckpoint(first)

    const loaded = await store.load(generation, pastAccounts, ['a'])
    expect(loaded.get('a')).toEqual({ document: undefined, position: 5n, events: 0 })
    expect(await store.view(generation, pastAccounts).countDocuments()).toBe(0)
    await commit(store, again, 5n, [])
    expect(await tombstones.countDocuments()).toBe(0)
    expect((await store.load(generation, pastAccounts, ['a'])).size).toBe(0)
  })

  it('is finished by the replay where a deletion was cut off half way', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 1n, [made('a', 1, 1n)])
    await connection.database.collection('varve_tombstones').insertOne({
      _id: { collection: 'accounts__v1_1', id: 'a' },
      generation: first.id,
      slot: slotOf('a'),
      position: 5n,
    } as never)
    const loaded = await store.load(generation, pastAccounts, ['a'])
    expect(loaded.get('a')?.position).toBe(1n)
    await commit(store, first, 5n, [write('a', 5n, 1n, { model: pastAccounts })])
    expect(await store.view(generation, pastAccounts).countDocuments()).toBe(0)
  })

  it('applies a tail of updates again without effect, and what comes behind it', async () => {
    await store.create(generation, [accounts])
    const paid = (n: number) => ({
      model: accounts,
      id: `a${n % 10}`,
      update: { $inc: { balance: 1 } },
      position: BigInt(n),
    })
    const from = await store.takeCheckpoint(generation)
    const updates = Array.from({ length: 100 }, (_, n) => paid(n + 1))
    await store.commit({ generation, writes: [], updates, from, position: 100n })
    const again = await forgetCheckpoint(from)
    const longer = [...updates, paid(101), { ...paid(102), id: 'new' }]
    await store.commit({ generation, writes: [], updates: longer, from: again, position: 102n })
    const found = await store.view(generation, accounts).find().sort({ _id: 1 }).toArray()
    expect(found.map(({ balance }) => balance)).toEqual([10, 11, ...Array(8).fill(10), 1])
  })

  it('keeps the newer state where another runner wrote it meanwhile', async () => {
    const from = await store.takeCheckpoint(generation)
    await connection.database.collection<{ _id: string }>('accounts__v1_1').insertMany([
      { ...account('newer', 'Zoe', 9), ...{ _meta: { position: 9n, events: 1, at: new Date() } } },
      { ...account('older', 'Zoe', 1), ...{ _meta: { position: 1n, at: new Date() } } },
    ])
    await commit(store, from, 5n, [made('newer', 5, 5n), made('older', 5, 5n)])
    const loaded = await store.load(generation, pastAccounts, ['newer', 'older'])
    expect(loaded.get('newer')).toEqual({
      document: account('newer', 'Zoe', 9),
      position: 9n,
      events: 1,
    })
    expect(loaded.get('older')).toEqual({
      document: account('older', 'Ann', 5),
      position: 5n,
      events: 1,
    })
  })
})
