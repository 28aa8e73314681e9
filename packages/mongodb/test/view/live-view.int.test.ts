import type { ReadModelStore } from '@varve/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MongoConnection, MongoReadModelStore, type ReadModelView } from '../../src/index.ts'
import {
  type Account,
  account,
  accounts,
  commit,
  generation,
  levels,
  write,
} from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

const [level = 'exactly-once'] = levels

describe('a view of the present', () => {
  let server: TestServer
  let connection: MongoConnection
  let view: ReadModelView<Account>
  const ann = account('a', 'Ann', 1)
  const bob = account('b', 'Bob', 2)
  const cid = account('c', 'Ann', 3)

  beforeAll(async () => {
    server = await startServer(level)
    connection = new MongoConnection({ url: server.freshUrl() })
    const store = new MongoReadModelStore({ connection })
    await store.create(generation, [accounts])
    const from = await store.takeCheckpoint(generation)
    await commit(store, from, 3n, [write(ann, 1n), write(bob, 2n), write(cid, 3n)])
    view = store.view(generation, accounts)
  })
  afterAll(async () => {
    await connection.database.dropDatabase()
    await connection.close()
    await server.stop()
  })

  it('is what core hands on as its own', () => {
    const store: ReadModelStore = new MongoReadModelStore({ connection })
    expect(store.view(generation, accounts)).toHaveProperty('findOne')
  })

  it('finds one document, or null', async () => {
    expect(await view.findOne({ _id: 'a' })).toStrictEqual(ann)
    expect(await view.findOne({ owner: 'Ann' }, { sort: { balance: -1 } })).toStrictEqual(cid)
    expect(await view.findOne({ _id: 'z' })).toBeNull()
    expect(await view.findOne({ _id: 'a' }, { projection: { balance: 0 } })).toStrictEqual({
      _id: 'a',
      owner: 'Ann',
    })
  })

  it('finds with a cursor of the driver, which chains', async () => {
    const cursor = view
      .find({ balance: { $gt: 0 } })
      .sort({ _id: -1 })
      .skip(1)
      .limit(1)
    expect(await cursor.toArray()).toStrictEqual([bob])
  })

  it.each([
    ['an exclusion', { balance: 0 }, { _id: 'a', owner: 'Ann' }],
    ['nothing', {}, ann],
    ['an inclusion', { balance: 1 }, { _id: 'a', balance: 1 }],
    ['a wish for it', { _meta: 1, balance: 1 }, { _id: 'a', balance: 1 }],
  ])('shows no _meta through a cursor that projects %s', async (_, projection, shown) => {
    expect(await view.find({ _id: 'a' }).project(projection).next()).toStrictEqual(shown)
    const cloned = view.find({ _id: 'a' }).clone().project(projection)
    expect(await cloned.next()).toStrictEqual(shown)
    expect(await view.find({ _id: 'a' }, { projection }).next()).toStrictEqual(shown)
  })

  it('shows no _meta while it is iterated, mapped or streamed', async () => {
    const keys: string[][] = []
    for await (const document of view.find({ _id: 'a' })) keys.push(Object.keys(document))
    for await (const document of view.find({ _id: 'a' }).stream()) {
      keys.push(Object.keys(document))
    }
    keys.push(
      ...(await view
        .find({ _id: 'a' })
        .map((one) => Object.keys(one))
        .toArray()),
    )
    expect(keys).toEqual(Array.from({ length: 3 }, () => ['_id', 'owner', 'balance']))
  })

  it.each([
    ['none', [{ $match: { _id: 'a' } }], [ann]],
    ['those that keep documents', [{ $sort: { _id: -1 } }, { $limit: 1 }], [cid]],
    ['an added field', [{ $match: { _id: 'b' } }, { $set: { x: 1 } }], [{ ...bob, x: 1 }]],
    [
      'the whole document',
      [{ $match: { _id: 'b' } }, { $group: { _id: '$$ROOT' } }],
      [{ _id: bob }],
    ],
  ])('shows no _meta in a pipeline with %s', async (_, pipeline, result) => {
    expect(await view.aggregate(pipeline).toArray()).toStrictEqual(result)
  })

  it('groups', async () => {
    const sums = await view
      .aggregate<{ _id: string; sum: number }>([
        { $group: { _id: '$owner', sum: { $sum: '$balance' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray()
    expect(sums).toEqual([
      { _id: 'Ann', sum: 4 },
      { _id: 'Bob', sum: 2 },
    ])
  })

  it('counts and tells distinct values', async () => {
    expect(await view.countDocuments()).toBe(3)
    expect(await view.countDocuments({ owner: 'Ann' }, { limit: 1 })).toBe(1)
    const owners: string[] = await view.distinct('owner')
    expect(owners.sort()).toEqual(['Ann', 'Bob'])
    expect(await view.distinct('balance', { owner: 'Bob' })).toEqual([2])
  })

  it('offers the collection of the driver', async () => {
    expect(await view.collection?.estimatedDocumentCount()).toBe(3)
  })
})
