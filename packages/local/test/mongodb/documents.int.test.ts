import type { MongoBulkWriteError } from 'mongodb'
import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from './start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const fresh = <T extends object = { [name: string]: unknown }>() =>
  server.db.collection<T & { _id: string | number }>(`c${new ObjectId().toHexString()}`)

describe('documents', () => {
  it('come back in the order of insertion', async () => {
    const accounts = fresh()
    await accounts.insertMany([{ _id: 'c' }, { _id: 'a' }, { _id: 'b' }])
    expect(await accounts.find().toArray()).toEqual([{ _id: 'c' }, { _id: 'a' }, { _id: 'b' }])
  })

  it('keep the exact types of their values', async () => {
    const accounts = fresh()
    const document = {
      _id: 1,
      int: new Int32(1),
      double: new Double(1),
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.50'),
      date: new Date(5),
      nothing: null,
      timestamp: new Timestamp({ t: 1, i: 2 }),
      list: [1, 'two', { three: 3 }],
    }
    await accounts.insertOne(document)
    await accounts.updateOne({ _id: 1 }, { $inc: { long: 1, int: 1 } } as object)
    const raw = await accounts.findOne({ _id: 1 }, { promoteValues: false })
    expect(raw).toEqual({
      ...document,
      _id: new Int32(1),
      int: new Int32(2),
      long: Long.fromString('9007199254740994'),
      list: [new Int32(1), 'two', { three: new Int32(3) }],
    })
  })

  it('are refused when their id is taken, and the error names the key', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'a1' })
    await expect(accounts.insertOne({ _id: 'a1' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { _id: 1 },
      keyValue: { _id: 'a1' },
    })
  })

  it('before a failure in an ordered bulk stay written', async () => {
    const accounts = fresh()
    const failure = await accounts
      .bulkWrite([
        { insertOne: { document: { _id: 1 } } },
        { insertOne: { document: { _id: 1 } } },
        { insertOne: { document: { _id: 2 } } },
      ])
      .catch((error: unknown) => error as MongoBulkWriteError)
    expect(failure).toMatchObject({ code: 11000, insertedCount: 1 })
    expect(await accounts.countDocuments()).toBe(1)
  })

  it('are found by operators, paths through arrays and null', async () => {
    const orders = fresh()
    await orders.insertMany([
      {
        _id: 1,
        lines: [
          { sku: 'a', n: 1 },
          { sku: 'b', n: 5 },
        ],
        tags: ['x', 'y'],
      },
      { _id: 2, lines: [], note: null },
      { _id: 3, lines: [{ sku: 'b', n: 1 }], tags: 'x' },
    ])
    const ids = async (filter: object) =>
      (await orders.find(filter).toArray()).map(({ _id }) => _id)
    expect(await ids({ 'lines.sku': 'b' })).toEqual([1, 3])
    expect(await ids({ lines: { $elemMatch: { sku: 'b', n: { $gt: 1 } } } })).toEqual([1])
    expect(await ids({ note: null })).toEqual([1, 2, 3])
    expect(await ids({ note: { $exists: true } })).toEqual([2])
    expect(await ids({ tags: 'x' })).toEqual([1, 3])
    expect(await ids({ 'lines.0.n': { $lt: 2 } })).toEqual([1, 3])
    expect(await ids({ $or: [{ _id: 2 }, { tags: { $all: ['x', 'y'] } }] })).toEqual([1, 2])
    await expect(ids({ _id: { $unknown: 1 } })).rejects.toMatchObject({ code: 2 })
  })

  it('change by operators, also in arrays', async () => {
    const orders = fresh<{ list: number[]; lines: object[] }>()
    await orders.insertOne({
      _id: 1,
      list: [1, 5, 3],
      lines: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 2 },
      ],
    })
    await orders.updateOne({ _id: 1, list: 5 }, { $set: { 'list.$': 50 } })
    await orders.updateOne({ _id: 1 }, { $push: { list: { $each: [9, 2], $sort: 1, $slice: -3 } } })
    await orders.updateOne(
      { _id: 1 },
      { $inc: { 'lines.$[big].n': 10 } },
      { arrayFilters: [{ 'big.n': { $gt: 1 } }] },
    )
    expect(await orders.findOne({ _id: 1 })).toEqual({
      _id: 1,
      list: [3, 9, 50],
      lines: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 12 },
      ],
    })
    const pipeline = [{ $set: { total: { $sum: '$lines.n' } } }]
    await orders.updateOne({ _id: 1 }, pipeline)
    expect(await orders.findOne({ _id: 1 }, { projection: { total: 1, _id: 0 } })).toEqual({
      total: 13,
    })
  })

  it('are made by upserts from the query and the update', async () => {
    const accounts = fresh<{ balance: number; owner: string; opened: boolean }>()
    const result = await accounts.updateOne(
      { _id: 'a1', owner: 'kim' },
      { $set: { balance: 1 }, $setOnInsert: { opened: true } },
      { upsert: true },
    )
    expect(result).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 'a1' })
    expect(await accounts.findOne()).toEqual({ _id: 'a1', owner: 'kim', balance: 1, opened: true })
    expect(
      await accounts.findOneAndUpdate(
        { _id: 'a1' },
        { $inc: { balance: 2 } },
        { returnDocument: 'after' },
      ),
    ).toMatchObject({ balance: 3 })
  })

  it('are sorted, cut and read in batches', async () => {
    const numbers = fresh()
    await numbers.insertMany(Array.from({ length: 1000 }, (_, n) => ({ _id: n, n: 999 - n })))
    const page = await numbers.find().sort({ n: 1 }).skip(10).limit(3).toArray()
    expect(page.map(({ n }) => n)).toEqual([10, 11, 12])
    expect(await numbers.find().batchSize(7).toArray()).toHaveLength(1000)
  })

  it('are still there after a restart', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'kept' })
    const { collectionName } = accounts
    await server.restart()
    expect(await server.db.collection(collectionName).findOne()).toEqual({ _id: 'kept' })
  })
})
