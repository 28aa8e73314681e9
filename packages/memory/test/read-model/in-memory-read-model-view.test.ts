import { defineReadModel, type ReadModelDocument } from '@varve/core'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type FindOptions,
  InMemoryReadModelStore,
  type InMemoryReadModelView,
  InvalidQueryError,
  type Sort,
} from '../../src/index.ts'

const model = defineReadModel('accounts')
const generation = { projection: 'accounts', version: 1, number: 1 }
const documents = [
  { _id: 'a1', owner: 'Ada', balance: 10n, tags: ['vip', 'old'], address: { city: 'Bern' } },
  { _id: 'a2', owner: 'Bob', balance: 9n, tags: ['old'], address: { city: 'Ulm' } },
  { _id: 'a3', owner: 'Ada', balance: 100n, tags: [], opened: new Date(5) },
]

let store: InMemoryReadModelStore
let view: InMemoryReadModelView
beforeEach(async () => {
  store = new InMemoryReadModelStore()
  const from = await store.takeCheckpoint(generation)
  const writes = documents.map((document) => ({
    model,
    id: document._id,
    document: document,
    position: 1n,
    events: 1,
    previous: undefined,
    versions: [],
  }))
  await store.commit({ generation, writes, from, position: 1n })
  view = store.view(generation, model)
})

const ids = (found: readonly ReadModelDocument[]): string[] => found.map(({ _id }) => _id)

describe('find', () => {
  test('by _id returns what the rest of the filter agrees to', async () => {
    expect(ids(await view.find({ _id: 'a1' }).toArray())).toEqual(['a1'])
    expect(ids(await view.find({ _id: 'a1', owner: 'Bob' }).toArray())).toEqual([])
    expect(ids(await view.find({ _id: { $in: ['a3', 'a1', 'a9', 'a1'] } }).toArray())).toEqual([
      'a3',
      'a1',
    ])
    expect(ids(await view.find({ _id: { $gt: 'a1' } }).toArray())).toEqual(['a2', 'a3'])
  })

  test('compares and sorts bigints as numbers, and returns them as the driver does', async () => {
    const filter = { balance: { $gte: 10 } }
    const balances = async (options: FindOptions): Promise<unknown[]> => {
      const found = await view.find(filter, options).sort({ balance: -1 }).toArray()
      return found.map((document) => (document as { balance?: unknown }).balance)
    }
    expect(await balances({})).toEqual([100, 10])
    expect(await balances({ useBigInt64: true })).toEqual([100n, 10n])
    expect(ids(await view.find({ balance: 9n }).toArray())).toEqual(['a2'])
  })

  test('takes a sort in every spelling of the driver', async () => {
    const sorts: Sort[] = [{ owner: -1 }, [['owner', -1]], new Map([['owner', 'desc']])]
    for (const sort of sorts) expect((await view.find({}, { sort }).next())?._id).toBe('a2')
    expect((await view.find().sort('owner', 'descending').next())?._id).toBe('a2')
    expect((await view.find().sort(['owner', '_id']).next())?._id).toBe('a1')
  })

  test('cuts by skip and limit, of which 0 means all', async () => {
    expect(ids(await view.find().skip(1).limit(1).toArray())).toEqual(['a2'])
    expect(ids(await view.find({}, { skip: 1, limit: 0 }).toArray())).toEqual(['a2', 'a3'])
  })

  test('projects fields in and out', async () => {
    expect(await view.find({ _id: 'a2' }).project({ balance: 1 }).toArray()).toEqual([
      { _id: 'a2', balance: 9 },
    ])
    expect(
      await view.findOne({ _id: 'a2' }, { projection: { 'address.city': 0, tags: 0 } }),
    ).toEqual({
      _id: 'a2',
      owner: 'Bob',
      balance: 9,
      address: {},
    })
  })

  test('refuses an unknown operator as an error of the query', async () => {
    await expect(view.find({ balance: { $bad: 1 } }).toArray()).rejects.toThrow(InvalidQueryError)
  })
})

describe('a cursor', () => {
  test('is read one by one, to null', async () => {
    const cursor = view.find().limit(1)
    expect(await cursor.hasNext()).toBe(true)
    expect((await cursor.next())?._id).toBe('a1')
    expect(await cursor.hasNext()).toBe(false)
    expect(await cursor.next()).toBeNull()
  })

  test('is iterated, mapped, cloned and rewound', async () => {
    const seen: string[] = []
    const cursor = view.find().map(({ _id }) => _id)
    for await (const id of cursor) seen.push(id)
    expect(seen).toEqual(['a1', 'a2', 'a3'])
    expect(cursor.closed).toBe(true)
    cursor.rewind()
    expect(await cursor.toArray()).toEqual(['a1', 'a2', 'a3'])
    expect(await cursor.clone().next()).toBe('a1')
  })

  test('stops calling back at false', async () => {
    const seen: string[] = []
    await view.find().forEach(({ _id }) => {
      seen.push(_id)
      return _id !== 'a2'
    })
    expect(seen).toEqual(['a1', 'a2'])
  })
})

describe('aggregate', () => {
  test('runs a pipeline after its leading $match', async () => {
    const pipeline = [
      { $match: { owner: 'Ada' } },
      { $group: { _id: '$owner', total: { $sum: '$balance' } } },
    ]
    expect(await view.aggregate(pipeline).toArray()).toEqual([{ _id: 'Ada', total: 110 }])
  })

  test('leaves the stored documents as they are', async () => {
    await view.aggregate([{ $set: { 'address.city': 'Rome' } }]).toArray()
    expect(await view.findOne({ _id: 'a1' }, { useBigInt64: true })).toEqual(documents[0])
  })

  test('joins another collection by its physical name', async () => {
    const [joined] = await view
      .aggregate<{ same: unknown[] }>([
        { $match: { _id: 'a1' } },
        {
          $lookup: {
            from: 'accounts__v1_1',
            localField: 'owner',
            foreignField: 'owner',
            as: 'same',
          },
        },
      ])
      .toArray()
    expect(joined?.same).toHaveLength(2)
  })
})

describe('countDocuments and distinct', () => {
  test('count what matches, cut by skip and limit', async () => {
    expect(await view.countDocuments()).toBe(3)
    expect(await view.countDocuments({ owner: 'Ada' })).toBe(2)
    expect(await view.countDocuments({}, { skip: 1, limit: 1 })).toBe(1)
  })

  test('list each value once, of arrays each element', async () => {
    expect(await view.distinct('owner')).toEqual(['Ada', 'Bob'])
    expect(await view.distinct('tags')).toEqual(['vip', 'old'])
    expect(await view.distinct('address.city')).toEqual(['Bern', 'Ulm'])
    expect(await view.distinct('opened')).toEqual([new Date(5)])
    expect(await view.distinct('balance', { owner: 'Bob' })).toEqual([9])
  })
})
