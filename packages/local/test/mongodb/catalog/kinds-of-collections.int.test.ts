import { ObjectId, type Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const name = () => `c${new ObjectId().toHexString()}`
const create = (options: Document) => server.db.createCollection(name(), options)

describe('a clustered collection', () => {
  it('lies in the order of its ids and says so', async () => {
    const rows = await create({ clusteredIndex: { key: { _id: 1 }, unique: true, name: 'own' } })
    await rows.insertMany([{ _id: 3 }, { _id: 1 }, { _id: 2 }] as Document[])
    expect(await rows.find().toArray()).toEqual([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
    expect(await rows.find().sort({ $natural: -1 }).limit(1).toArray()).toEqual([{ _id: 3 }])
    await expect(rows.insertOne({ _id: 1 } as Document)).rejects.toMatchObject({ code: 11000 })
    const index = { v: 2, key: { _id: 1 }, name: 'own', unique: true }
    expect(await rows.indexes()).toEqual([{ ...index, clustered: true }])
    const [listed] = await server.db.listCollections({ name: rows.collectionName }).toArray()
    expect(listed).toMatchObject({ options: { clusteredIndex: index } })
  })

  it('keeps the order for a transaction that adds to it', async () => {
    const rows = await create({ clusteredIndex: { key: { _id: 1 }, unique: true } })
    await rows.insertMany([{ _id: 1 }, { _id: 3 }] as Document[])
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await rows.insertOne({ _id: 2 } as Document, { session })
      const found = await rows.find({}, { session }).toArray()
      expect(found.map(({ _id }) => _id as unknown)).toEqual([1, 2, 3])
      await session.abortTransaction()
    })
  })

  it('is refused with another key', async () => {
    await expect(create({ clusteredIndex: { key: { x: 1 }, unique: true } })).rejects.toMatchObject(
      { codeName: 'InvalidOptions' },
    )
  })
})

describe('a time series', () => {
  it('takes measurements with the same id, and expects a time', async () => {
    const rows = await create({ timeseries: { timeField: 'at', metaField: 'from' } })
    const measurements = [
      { _id: 1, at: new Date(1), from: 'a' },
      { _id: 1, at: new Date(2), from: 'a' },
    ]
    await rows.insertMany(measurements as unknown as Document[])
    expect(await rows.find({ from: 'a' }).sort({ at: 1 }).toArray()).toEqual(measurements)
    await expect(rows.insertOne({ from: 'a' })).rejects.toMatchObject({ code: 2 })
    await expect(rows.updateOne({}, { $set: { x: 1 } })).rejects.toMatchObject({ code: 72 })
    expect(await rows.deleteMany({ at: new Date(1) })).toMatchObject({ deletedCount: 1 })
    const [listed] = await server.db.listCollections({ name: rows.collectionName }).toArray()
    expect(listed).toMatchObject({ type: 'timeseries' })
  })

  it('is not written in transactions', async () => {
    const rows = await create({ timeseries: { timeField: 'at' } })
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await expect(rows.insertOne({ at: new Date() }, { session })).rejects.toMatchObject({
        code: 263,
      })
      await session.abortTransaction()
    })
  })
})

describe('a capped collection', () => {
  it('gives up its oldest documents', async () => {
    const rows = await create({ capped: true, size: 4096, max: 3 })
    for (let n = 1; n <= 5; n += 1) await rows.insertOne({ _id: n } as Document)
    expect(await rows.find().toArray()).toEqual([{ _id: 3 }, { _id: 4 }, { _id: 5 }])
  })

  it('is followed by a cursor that stays open', async () => {
    const rows = await create({ capped: true, size: 4096 })
    await rows.insertOne({ _id: 1 } as Document)
    const cursor = rows.find({}, { tailable: true, awaitData: true, maxAwaitTimeMS: 5000 })
    expect(await cursor.next()).toEqual({ _id: 1 })
    const next = cursor.next()
    await rows.insertOne({ _id: 2 } as Document)
    expect(await next).toEqual({ _id: 2 })
    await cursor.close()
  })

  it('needs a size', async () => {
    await expect(create({ capped: true })).rejects.toMatchObject({ codeName: 'InvalidOptions' })
  })
})

describe('a collection that exists', () => {
  it('is created again only with the same options', async () => {
    const rows = await create({ capped: true, size: 4096 })
    await server.db.command({ create: rows.collectionName, capped: true, size: 4096 })
    await expect(server.db.command({ create: rows.collectionName })).rejects.toMatchObject({
      codeName: 'NamespaceExists',
    })
  })
})
