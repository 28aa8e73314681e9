import { ObjectId, type ClientSession } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from './start-client.ts'

interface Row {
  _id: number
  k?: number | number[] | string
  x?: number
}

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const fresh = () => server.db.collection<Row>(`c${new ObjectId().toHexString()}`)

/** A transaction over ten documents with `k` from 0 to 90, which is thrown away. */
async function inTransaction(
  act: (
    rows: ReturnType<typeof fresh>,
    ids: (filter: object, sort?: object) => Promise<number[]>,
    own: { session: ClientSession },
  ) => Promise<void>,
) {
  const rows = fresh()
  await rows.createIndexes([{ key: { k: 1 } }, { key: { x: -1, k: 1 } }])
  await rows.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, k: n * 10, x: n % 2 })))
  await server.client.withSession(async (session) => {
    session.startTransaction()
    const ids = (filter: object, sort: object = {}) =>
      rows
        .find(filter, { session, sort: sort as { k: 1 } })
        .map(({ _id }) => _id)
        .toArray()
    await act(rows, ids, { session })
    await session.abortTransaction()
  })
}

describe('a query in a transaction', () => {
  it('finds by an index what the transaction has moved, added and removed', async () => {
    await inTransaction(async (rows, ids, own) => {
      await rows.updateOne({ k: 20 }, { $set: { k: 75 } }, own)
      await rows.insertOne({ _id: 11, k: 71, x: 0 }, own)
      await rows.deleteOne({ k: 80 }, own)
      expect(await ids({ k: { $gte: 70, $lt: 100 } }, { k: 1 })).toEqual([7, 11, 2, 9])
      expect(await ids({ k: { $gte: 70, $lt: 100 } }, { k: -1 })).toEqual([9, 2, 11, 7])
      expect(await ids({ k: 20 })).toEqual([])
      expect(await ids({ x: 0, k: { $gt: 55 } }, { k: 1 })).toEqual([6, 11, 2])
      expect(await ids({ $or: [{ k: 75 }, { k: 10 }, { x: 1, k: 90 }] }, { _id: 1 })).toEqual([
        1, 2, 9,
      ])
      expect(await ids({ _id: { $gt: 7 } }, { _id: -1 })).toEqual([11, 9])
    })
  })

  it('changes a document it has changed before by its new values', async () => {
    await inTransaction(async (rows, ids, own) => {
      for (let n = 0; n < 5; n += 1) {
        const moved = await rows.updateOne({ k: n * 100 }, { $set: { k: (n + 1) * 100 } }, own)
        expect(moved.modifiedCount).toBe(1)
      }
      expect(await ids({ k: 500 })).toEqual([0])
    })
  })

  it('takes care of arrays the index has not seen yet', async () => {
    await inTransaction(async (rows, ids, own) => {
      await rows.insertOne({ _id: 12, k: [1, 99] }, own)
      expect(await ids({ k: { $gt: 32, $lt: 38 } })).toEqual([12])
      expect(await ids({ k: { $gt: 90 } })).toEqual([12])
      expect(await ids({ k: { $gt: 95, $lt: 2 } })).toEqual([12])
      expect(await ids({ k: { $lt: 15 } }, { k: 1 })).toEqual([0, 12, 1])
      expect(await ids({ k: { $gt: 75 } }, { k: -1 })).toEqual([12, 9, 8])
    })
  })

  it('does not see what others commit meanwhile, also in the order of an index', async () => {
    await inTransaction(async (rows, ids) => {
      expect(await ids({ k: 0 })).toEqual([0])
      await rows.updateOne({ _id: 5 }, { $set: { k: 1 } })
      await rows.deleteOne({ _id: 6 })
      await rows.insertOne({ _id: 13, k: 2 })
      expect(await ids({ k: { $gt: 0 } }, { k: 1 })).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    })
  })
})

describe('ids under a collation', () => {
  it('are equal when the collation takes them for equal', async () => {
    const name = `c${new ObjectId().toHexString()}`
    const rows = await server.db.createCollection<{ _id: string }>(name, {
      collation: { locale: 'en', strength: 2 },
    })
    await rows.insertOne({ _id: 'A' })
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'A' })
    await expect(rows.insertOne({ _id: 'a' })).rejects.toMatchObject({ code: 11000 })
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await expect(rows.insertOne({ _id: 'a' }, { session })).rejects.toMatchObject({ code: 11000 })
      await session.abortTransaction()
    })
  })
})
