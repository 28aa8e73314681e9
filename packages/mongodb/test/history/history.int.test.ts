import {
  type DocumentVersion,
  type DocumentWrite,
  type ViewPoint,
  ReadModelWithoutHistoryError,
} from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoConnection, MongoReadModelStore, PastViewUnsupportedError } from '../../src/index.ts'
import {
  type Account,
  account,
  accounts,
  commit,
  generation,
  levels,
  pastAccounts as model,
  write,
} from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

const second = (n: number, ms = 0) => new Date(Date.UTC(2026, 0, 1, 0, 0, n, ms))
const version = (position: bigint, recordedAt: Date, document?: Account): DocumentVersion => ({
  position,
  recordedAt,
  document,
})

/** A write of the versions of one document, the last of which is what it is now. */
function versioned(versions: readonly DocumentVersion[], previous?: bigint): DocumentWrite {
  const last = versions.at(-1)
  const id = versions.find(({ document }) => document)?.document?._id ?? 'a'
  return write(last?.document ?? id, last?.position ?? 0n, previous, { model, versions })
}

describe.each(levels)('the history of a model at level %s', (level) => {
  let server: TestServer
  let connection: MongoConnection
  let store: MongoReadModelStore
  beforeAll(async () => {
    server = await startServer(level)
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    connection = new MongoConnection({ url: server.freshUrl() })
    store = new MongoReadModelStore({ connection, require: level })
    await store.create(generation, [model])
  })
  afterEach(async () => {
    await connection.database.dropDatabase()
    await connection.close()
  })

  const view = (at: ViewPoint) => store.view(generation, model, at)
  const balanceAt = async (at: ViewPoint) => (await view(at).findOne({ _id: 'a' }))?.balance

  it('answers for every position, over several commits', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 30n, [
      versioned([
        version(10n, second(10), account('a', 'Ann', 1)),
        version(20n, second(20), account('a', 'Ann', 2)),
      ]),
    ])
    await commit(store, first, 50n, [
      versioned([version(40n, second(40), account('a', 'Ann', 4))], 20n),
    ])
    const positions = [9n, 10n, 19n, 20n, 39n, 40n, 99n]
    const balances = await Promise.all(positions.map((position) => balanceAt({ position })))
    expect(balances).toEqual([undefined, 1, 1, 2, 2, 4, 4])
  })

  it('answers for every date; of events in one millisecond the last counts', async () => {
    const from = await store.takeCheckpoint(generation)
    await commit(store, from, 30n, [
      versioned([
        version(10n, second(10), account('a', 'Ann', 1)),
        version(11n, second(10), account('a', 'Ann', 2)),
        version(20n, second(20), account('a', 'Ann', 3)),
      ]),
    ])
    const dates = [second(9, 999), second(10), second(19, 999), second(20), second(59)]
    const balances = await Promise.all(dates.map((date) => balanceAt({ date })))
    expect(balances).toEqual([undefined, 2, 2, 3, 3])
  })

  it('has one version of a document at any date, also where the clock of the log went back', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 20n, [
      versioned([
        version(10n, second(10), account('a', 'Ann', 1)),
        version(20n, second(30), account('a', 'Ann', 2)),
      ]),
    ])
    await commit(store, first, 30n, [
      versioned([version(30n, second(20), account('a', 'Ann', 3))], 20n),
    ])
    const at = async (n: number) => {
      const found = await view({ date: second(n) })
        .find()
        .toArray()
      return found.map(({ balance }) => balance)
    }
    expect([await at(10), await at(20), await at(30), await at(40)]).toEqual([[1], [3], [3], [3]])
  })

  it('has no document between its deletion and its return', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 10n, [
      versioned([version(10n, second(10), account('a', 'Ann', 1))]),
    ])
    const second_ = await commit(store, first, 20n, [versioned([version(20n, second(20))], 10n)])
    await commit(store, second_, 30n, [
      versioned([version(30n, second(30), account('a', 'Ann', 3))], 20n),
    ])
    expect(await balanceAt({ position: 15n })).toBe(1)
    expect(await balanceAt({ position: 25n })).toBeUndefined()
    expect(await balanceAt({ position: 35n })).toBe(3)
    expect(await store.view(generation, model).countDocuments()).toBe(1)
  })

  it('is read by id and by declared fields through indexes', async () => {
    const from = await store.takeCheckpoint(generation)
    await commit(store, from, 10n, [versioned([version(10n, second(10), account('a', 'Ann', 1))])])
    const explain = async (filter: object) => {
      const plan = await view({ position: 10n }).find(filter).explain('queryPlanner')
      return JSON.stringify(plan)
    }
    expect(await explain({ _id: 'a' })).toMatch(/IXSCAN/)
    expect(await explain({ owner: 'Ann' })).toMatch(/IXSCAN/)
  })

  it('reads a few keys of a document with 4,000 versions, at any position or date', async () => {
    let from = await store.takeCheckpoint(generation)
    const positionOf = (n: number) => BigInt(n) * 700n + 1_000n
    for (let n = 0; n < 4_000; n += 1_000) {
      const versions = Array.from({ length: 1_000 }, (_, i) =>
        version(positionOf(n + i), second(n + i), account('a', 'Ann', n + i)),
      )
      const previous = n === 0 ? undefined : positionOf(n - 1)
      from = await store.commit({
        generation,
        writes: [versioned(versions, previous)],
        from,
        position: positionOf(n + 999),
      })
    }
    for (const n of [0, 1, 31, 999, 1_000, 1_024, 2_000, 3_998, 3_999])
      for (const at of [{ position: positionOf(n) + 50n }, { date: second(n, 500) }])
        for (const filter of [{ _id: 'a' }, { owner: 'Ann' }, {}]) {
          const found = view(at).find(filter)
          const { executionStats } = await found.clone().explain('executionStats')
          expect(await found.toArray()).toEqual([account('a', 'Ann', n)])
          expect(executionStats.totalKeysExamined).toBeLessThan(200)
          expect(executionStats.totalDocsExamined).toBeLessThan(200)
        }
  })

  it('is not offered for a model that keeps none', () => {
    expect(() => store.view(generation, accounts, { position: 1n })).toThrow(
      ReadModelWithoutHistoryError,
    )
  })

  describe('queries', () => {
    const ann = account('a', 'Ann', 1)
    const bob = account('b', 'Bob', 2)
    const cid = account('c', 'Ann', 3)
    beforeEach(async () => {
      const from = await store.takeCheckpoint(generation)
      const first = await commit(store, from, 10n, [
        versioned([version(1n, second(1), ann)]),
        versioned([version(2n, second(2), bob)]),
        versioned([version(3n, second(3), cid)]),
      ])
      await commit(
        store,
        first,
        20n,
        ['a', 'b', 'c'].map((id, n) =>
          versioned([version(11n + BigInt(n), second(11), account(id, 'Eve', 0))], 1n),
        ),
      )
    })
    const past = () => view({ position: 10n })

    it('find, sort, skip, limit and project as on the present', async () => {
      expect(await past().find({ owner: 'Ann' }).sort({ balance: -1 }).toArray()).toEqual([
        cid,
        ann,
      ])
      expect(await past().find().sort('_id', -1).skip(1).limit(1).toArray()).toEqual([bob])
      expect(
        await past()
          .find({}, { sort: { _id: 1 }, limit: 1 })
          .toArray(),
      ).toEqual([ann])
      expect(await past().find({ _id: 'a' }).project({ _id: 0, owner: 1 }).toArray()).toEqual([
        { owner: 'Ann' },
      ])
      expect(await past().find({ _id: 'a' }).project({ owner: 0 }).toArray()).toEqual([
        { _id: 'a', balance: 1 },
      ])
      expect(
        await past()
          .find({ $or: [{ balance: 2 }, { _id: 'a' }] })
          .toArray(),
      ).toHaveLength(2)
      expect(
        await past()
          .find({ $expr: { $gt: ['$balance', 2] } })
          .toArray(),
      ).toEqual([cid])
      expect(await past().find().filter({ _id: 'b' }).clone().toArray()).toEqual([bob])
      expect(
        await past()
          .find({ _id: 'b' })
          .map((one) => one.owner)
          .toArray(),
      ).toEqual(['Bob'])
    })

    it('find one as on the present', async () => {
      expect(await past().findOne({ owner: 'Ann' }, { sort: { balance: -1 } })).toEqual(cid)
      expect(await past().findOne({ _id: 'a' }, { projection: { balance: 1 } })).toEqual({
        _id: 'a',
        balance: 1,
      })
      expect(await past().findOne({ owner: 'Eve' })).toBeNull()
    })

    it('aggregate, count and list values as on the present', async () => {
      const pipeline = [
        { $match: { balance: { $gt: 0 } } },
        { $group: { _id: '$owner', sum: { $sum: '$balance' } } },
        { $sort: { _id: 1 } },
      ]
      expect(await past().aggregate(pipeline).toArray()).toEqual([
        { _id: 'Ann', sum: 4 },
        { _id: 'Bob', sum: 2 },
      ])
      expect(
        await past()
          .aggregate([{ $match: { _id: 'a' } }])
          .toArray(),
      ).toEqual([ann])
      expect(await past().countDocuments({ owner: 'Ann' })).toBe(2)
      expect((await past().distinct('owner')).sort()).toEqual(['Ann', 'Bob'])
      expect((await past().distinct('_id')).sort()).toEqual(['a', 'b', 'c'])
    })

    it('ignore a hint, and refuse what only works on the present', async () => {
      expect(await past().findOne({ _id: 'a' }, { hint: 'owner_1' })).toEqual(ann)
      expect(await past().find({ _id: 'a' }).hint('owner_1').toArray()).toEqual([ann])
      expect(() => past().find({ $where: 'true' })).toThrow(PastViewUnsupportedError)
      await expect(past().findOne({ $text: { $search: 'x' } })).rejects.toThrow(
        PastViewUnsupportedError,
      )
      expect(past().collection).toBeUndefined()
    })
  })
})
