import assert from 'node:assert/strict'
import type { ContractCase } from '../contract/contract-case.ts'
import { type ContractView, openView } from './contract-view.ts'
import {
  deletionOf,
  type ReadModelStoreSubject,
  type Sample,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

const accounts: readonly Sample[] = [
  { _id: 'a1', owner: 'Ada', balance: 10, tags: ['vip', 'old'], address: { city: 'Bern' } },
  { _id: 'a2', owner: 'Bob', balance: 9, tags: ['old'], address: { city: 'Ulm' } },
  { _id: 'a3', owner: 'Ada', balance: 100, tags: [], opened: new Date('2024-02-29') },
  { _id: 'a4', owner: 'Eve', balance: -5, tags: ['new'], address: { city: 'Bern' } },
]

async function viewOfAccounts(subject: ReadModelStoreSubject): Promise<ContractView> {
  const runner = await SampleRunner.start(subject)
  const writes = accounts.map((account, n) => writeOf(subject.model, account, BigInt(n)))
  const gone = writeOf(subject.model, { _id: 'gone', owner: 'Ada', tags: ['gone'] }, 4n)
  await runner.commit([...writes, gone])
  await runner.commit([deletionOf(subject.model, 'gone', 5n, 4n)])
  return openView(subject.store, subject.generation, subject.model)
}

function idsOf(documents: readonly Sample[]): readonly string[] {
  return documents.map(({ _id }) => _id)
}

/** Queries of the documents as they are. */
export const viewCases: readonly Case[] = [
  {
    name: 'finds one document by id, by a filter, and none',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      assert.deepEqual(await view.findOne({ _id: 'a3' }), accounts[2])
      assert.deepEqual(await view.findOne({ owner: 'Bob' }), accounts[1])
      assert.equal(await view.findOne({ _id: 'a9' }), null)
      assert.equal(await view.findOne({ _id: 'a1', owner: 'Bob' }), null)
    },
  },
  {
    name: 'finds what a filter matches',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      const filters: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[] =
        [
          [{ owner: 'Ada' }, ['a1', 'a3']],
          [{ balance: { $gte: 9, $lt: 100 } }, ['a1', 'a2']],
          [{ _id: { $in: ['a4', 'a1', 'a9'] } }, ['a1', 'a4']],
          [{ tags: 'old' }, ['a1', 'a2']],
          [{ 'address.city': 'Bern' }, ['a1', 'a4']],
          [{ address: { $exists: false } }, ['a3']],
          [{ $or: [{ owner: 'Eve' }, { balance: 9 }] }, ['a2', 'a4']],
          [{ opened: { $gte: new Date('2024-01-01') } }, ['a3']],
          [{ owner: /^[AB]/, balance: { $ne: 9 } }, ['a1', 'a3']],
          [{ tags: { $size: 1 } }, ['a2', 'a4']],
        ]
      for (const [filter, expected] of filters) {
        const found = await view.find(filter).toArray()
        assert.deepEqual(idsOf(found).toSorted(), expected, `for ${JSON.stringify(filter)}`)
        assert.equal(await view.countDocuments(filter), expected.length)
      }
    },
  },
  {
    name: 'sorts, skips, limits and projects',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      const sorted = view.find().sort({ balance: -1 })
      assert.deepEqual(idsOf(await sorted.toArray()), ['a3', 'a1', 'a2', 'a4'])
      const page = view.find({}, { sort: { owner: 1, balance: -1 }, skip: 1, limit: 2 })
      assert.deepEqual(idsOf(await page.toArray()), ['a1', 'a2'])
      const lowest = await view.findOne({}, { sort: { balance: 1 }, projection: { owner: 1 } })
      assert.deepEqual(lowest, { _id: 'a4', owner: 'Eve' })
      const shaped = view.find({ _id: 'a2' }).project({ tags: 0, address: 0 })
      assert.deepEqual(await shaped.toArray(), [{ _id: 'a2', owner: 'Bob', balance: 9 }])
    },
  },
  {
    name: 'reads a cursor one by one, in a loop and by a callback',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      const cursor = (): ReturnType<ContractView['find']> => view.find().sort({ _id: 1 }).limit(2)
      const oneByOne = cursor()
      assert.equal(await oneByOne.hasNext(), true)
      assert.equal((await oneByOne.next())?._id, 'a1')
      assert.equal((await oneByOne.next())?._id, 'a2')
      assert.equal(await oneByOne.next(), null)
      await oneByOne.close()
      const looped: string[] = []
      for await (const { _id } of cursor()) looped.push(_id)
      assert.deepEqual(looped, ['a1', 'a2'])
      const called: string[] = []
      await cursor().forEach(({ _id }) => void called.push(_id))
      assert.deepEqual(called, ['a1', 'a2'])
    },
  },
  {
    name: 'aggregates',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      const totals = view.aggregate([
        { $match: { balance: { $gt: 0 } } },
        { $group: { _id: '$owner', total: { $sum: '$balance' }, count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ])
      assert.deepEqual(await totals.toArray(), [
        { _id: 'Ada', total: 110, count: 2 },
        { _id: 'Bob', total: 9, count: 1 },
      ])
      const tags = view.aggregate([
        { $unwind: '$tags' },
        { $group: { _id: '$tags', n: { $sum: 1 } } },
        { $sort: { n: -1, _id: 1 } },
        { $limit: 2 },
      ])
      assert.deepEqual(await tags.toArray(), [
        { _id: 'old', n: 2 },
        { _id: 'new', n: 1 },
      ])
    },
  },
  {
    name: 'counts, and lists distinct values',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      assert.equal(await view.countDocuments(), 4)
      assert.equal(await view.countDocuments({}, { skip: 1, limit: 2 }), 2)
      const distinct = async (key: string, filter?: Record<string, unknown>): Promise<unknown[]> =>
        (await view.distinct(key, filter)).toSorted()
      assert.deepEqual(await distinct('owner'), ['Ada', 'Bob', 'Eve'])
      assert.deepEqual(await distinct('tags'), ['new', 'old', 'vip'])
      assert.deepEqual(await distinct('address.city', { owner: 'Bob' }), ['Ulm'])
    },
  },
  {
    name: 'shows nothing but what was committed: no _meta, no deleted document',
    run: async (subject) => {
      const view = await viewOfAccounts(subject)
      const everything = [
        await view.find().toArray(),
        await view.find({}, { projection: { tags: 0 } }).toArray(),
        await view.find().project({ owner: 0 }).toArray(),
        await view.aggregate([]).toArray(),
        await view.aggregate([{ $match: {} }]).toArray(),
        await view.aggregate([{ $sort: { _id: 1 } }, { $replaceWith: '$$ROOT' }]).toArray(),
      ]
      for (const found of everything) {
        assert.equal(found.length, 4)
        assert.ok(found.every((document) => !('_meta' in document)))
      }
      const projected = await view.findOne({ _id: 'a1' }, { projection: { _id: 1 } })
      assert.deepEqual(projected, { _id: 'a1' })
      assert.equal(await view.findOne({ _id: 'gone' }), null)
      assert.equal(await view.countDocuments({ tags: 'gone' }), 0)
    },
  },
  {
    name: 'shows what was committed after it was opened',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const view = openView(store, generation, model)
      assert.equal(await view.countDocuments(), 0)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      assert.equal(await view.countDocuments(), 1)
    },
  },
  {
    name: 'shows one generation only',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      const next = { ...generation, number: 2 }
      const second = await SampleRunner.start({ ...subject, generation: next })
      await second.commit([writeOf(model, { _id: 'b' }, 1n)])
      assert.deepEqual(await openView(store, generation, model).find().toArray(), [{ _id: 'a' }])
      assert.deepEqual(await openView(store, next, model).find().toArray(), [{ _id: 'b' }])
    },
  },
]
