import { MongoClient, ObjectId, type ChangeStreamDocument } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from './start-client.ts'

interface Account {
  _id: string
  owner?: string
  balance?: number
  tags?: string[]
}

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const fresh = () => server.db.collection<Account>(`c${new ObjectId().toHexString()}`)

describe('the server', () => {
  it('is found with and without the name of the replica set', async () => {
    const [address] = server.url.split('/?')
    for (const url of [server.url, `${address}/bank`, `${address}/bank?directConnection=true`]) {
      const client = await MongoClient.connect(url)
      expect(await client.db().command({ hello: 1 })).toMatchObject({ setName: 'varve' })
      await client.close()
    }
  })

  it('refuses a command it does not know by name', async () => {
    await expect(server.db.command({ fly: 1 })).rejects.toMatchObject({
      code: 59,
      message: "no such command: 'fly'",
    })
  })

  it('retries a write whose connection was cut, and writes it once', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'a', balance: 0 })
    await server.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['update'], closeConnection: true },
    })
    await accounts.updateOne({ _id: 'a' }, { $inc: { balance: 1 } })
    expect(await accounts.findOne()).toEqual({ _id: 'a', balance: 1 })
  })

  it('answers a repeated retryable write with the first result', async () => {
    const accounts = fresh()
    const lsid = { id: server.client.startSession().id?.id }
    const command = {
      insert: accounts.collectionName,
      documents: [{ _id: 'a' }],
      lsid,
      txnNumber: 1n,
    }
    const direct = await MongoClient.connect(server.url, { retryWrites: false })
    const run = () =>
      direct
        .db('bank')
        .command(command)
        .catch((error: unknown) => error)
    const results = [await run(), await run()]
    await direct.close()
    expect(results.map((result) => (result as { n?: number }).n)).toEqual(
      results.map(() => (results[0] as { n?: number }).n),
    )
    expect(await accounts.countDocuments()).toBeLessThanOrEqual(1)
  })
})

describe('an index', () => {
  it('serves equality, ranges and sorts, and explain says so', async () => {
    const accounts = fresh()
    await accounts.insertMany(
      Array.from({ length: 200 }, (_, n) => ({ _id: `a${n}`, owner: `o${n % 10}`, balance: n })),
    )
    await accounts.createIndexes([{ key: { owner: 1, balance: -1 } }])
    const cursor = accounts.find({ owner: 'o3', balance: { $lt: 100 } }).sort({ balance: -1 })
    expect((await cursor.toArray()).map(({ balance }) => balance)).toEqual([
      93, 83, 73, 63, 53, 43, 33, 23, 13, 3,
    ])
    const explained = await accounts.find({ owner: 'o3', balance: { $lt: 100 } }).explain()
    expect(explained).toMatchObject({
      queryPlanner: {
        winningPlan: { inputStage: { stage: 'IXSCAN', indexName: 'owner_1_balance_-1' } },
      },
      executionStats: { nReturned: 10, totalKeysExamined: 10, totalDocsExamined: 10 },
    })
    const scanned = await accounts.find({ balance: 5 }).explain()
    expect(scanned).toMatchObject({ queryPlanner: { winningPlan: { stage: 'COLLSCAN' } } })
  })

  it('that is unique refuses the same value twice, also when it is built later', async () => {
    const accounts = fresh()
    await accounts.createIndexes([{ key: { owner: 1 }, unique: true }])
    await accounts.insertOne({ _id: 'a', owner: 'kim' })
    await expect(accounts.insertOne({ _id: 'b', owner: 'kim' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { owner: 1 },
      keyValue: { owner: 'kim' },
    })
    await accounts.dropIndex('owner_1')
    await accounts.insertOne({ _id: 'b', owner: 'kim' })
    await expect(
      accounts.createIndexes([{ key: { owner: 1 }, unique: true }]),
    ).rejects.toMatchObject({
      code: 11000,
    })
  })

  it('has one entry for each element of an array', async () => {
    const accounts = fresh()
    await accounts.createIndexes([{ key: { tags: 1 } }])
    await accounts.insertMany([
      { _id: 'a', tags: ['x', 'y'] },
      { _id: 'b', tags: ['y'] },
    ])
    const ids = await accounts
      .find({ tags: { $in: ['x', 'y'] } })
      .map(({ _id }) => _id)
      .toArray()
    expect(ids.sort()).toEqual(['a', 'b'])
  })
})

describe('an aggregation', () => {
  it('groups, joins and unwinds', async () => {
    const accounts = fresh()
    await accounts.insertMany([
      { _id: 'a', owner: 'kim', balance: 1, tags: ['x', 'y'] },
      { _id: 'b', owner: 'kim', balance: 2, tags: [] },
      { _id: 'c', owner: 'lee', balance: 4 },
    ])
    const totals = await accounts
      .aggregate([
        { $group: { _id: '$owner', total: { $sum: '$balance' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray()
    expect(totals).toEqual([
      { _id: 'kim', total: 3 },
      { _id: 'lee', total: 4 },
    ])
    const joined = await accounts
      .aggregate([
        { $match: { _id: 'a' } },
        {
          $lookup: {
            from: accounts.collectionName,
            localField: 'owner',
            foreignField: 'owner',
            as: 'same',
          },
        },
        { $unwind: '$tags' },
        { $project: { _id: 0, tags: 1, count: { $size: '$same' } } },
      ])
      .toArray()
    expect(joined).toEqual([
      { tags: 'x', count: 2 },
      { tags: 'y', count: 2 },
    ])
  })

  it('reads through a view', async () => {
    const accounts = fresh()
    await accounts.insertMany([
      { _id: 'a', balance: 1 },
      { _id: 'b', balance: 9 },
    ])
    const name = `${accounts.collectionName}_rich`
    await server.db.createCollection(name, {
      viewOn: accounts.collectionName,
      pipeline: [{ $match: { balance: { $gt: 5 } } }],
    })
    expect(await server.db.collection(name).find({}).toArray()).toEqual([{ _id: 'b', balance: 9 }])
  })
})

describe('a change stream', () => {
  it('reports changes in order and resumes after a token', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'before' })
    const stream = accounts.watch([], { fullDocument: 'updateLookup' })
    const first = stream.next()
    await stream.tryNext().catch(() => null)
    await accounts.insertOne({ _id: 'a', balance: 1 })
    await accounts.updateOne({ _id: 'a' }, { $set: { balance: 2 } })
    await accounts.deleteOne({ _id: 'a' })
    const events: ChangeStreamDocument<Account>[] = []
    const seen = await first
    events.push(seen)
    while (events.length < 3) {
      const event = await stream.next()
      if (event._id !== events[events.length - 1]?._id) events.push(event)
    }
    expect(events.map(({ operationType }) => operationType)).toEqual(['insert', 'update', 'delete'])
    await stream.close()
    const resumed = accounts.watch([], { resumeAfter: seen._id })
    expect(await resumed.next()).toMatchObject({
      operationType: 'update',
      updateDescription: { updatedFields: { balance: 2 } },
    })
    await resumed.close()
  })
})
