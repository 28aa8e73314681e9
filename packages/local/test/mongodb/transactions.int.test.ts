import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from './start-client.ts'

interface Account {
  _id: string
  balance: number
}

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const fresh = () => server.db.collection<Account>(`c${new ObjectId().toHexString()}`)

describe('a transaction', () => {
  it('is seen by others only when it commits', async () => {
    const accounts = fresh()
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await accounts.insertOne({ _id: 'a', balance: 1 }, { session })
      expect(await accounts.findOne({ _id: 'a' }, { session })).toEqual({ _id: 'a', balance: 1 })
      expect(await accounts.findOne({ _id: 'a' })).toBeNull()
      await session.commitTransaction()
      await session.commitTransaction()
    })
    expect(await accounts.findOne({ _id: 'a' })).toEqual({ _id: 'a', balance: 1 })
  })

  it('reads from the moment it began', async () => {
    const accounts = fresh()
    await accounts.insertMany([
      { _id: 'a', balance: 1 },
      { _id: 'b', balance: 2 },
    ])
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await accounts.findOne({ _id: 'a' }, { session })
      await accounts.updateOne({ _id: 'b' }, { $set: { balance: 20 } })
      await accounts.deleteOne({ _id: 'a' })
      await accounts.insertOne({ _id: 'c', balance: 3 })
      const seen = await accounts.find({}, { session }).toArray()
      expect(seen).toEqual([
        { _id: 'a', balance: 1 },
        { _id: 'b', balance: 2 },
      ])
      await session.abortTransaction()
    })
  })

  it('loses against a transaction that wrote the document first', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'a', balance: 1 })
    const [first, second] = [server.client.startSession(), server.client.startSession()]
    first.startTransaction()
    second.startTransaction()
    await accounts.updateOne({ _id: 'a' }, { $inc: { balance: 1 } }, { session: first })
    const failure = await accounts
      .updateOne({ _id: 'a' }, { $inc: { balance: 1 } }, { session: second })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 112, codeName: 'WriteConflict' })
    expect((failure as { errorLabels: string[] }).errorLabels).toContain(
      'TransientTransactionError',
    )
    await first.commitTransaction()
    await second.abortTransaction()
    await first.endSession()
    await second.endSession()
    expect(await accounts.findOne()).toEqual({ _id: 'a', balance: 2 })
  })

  it('makes writes outside of transactions wait', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'a', balance: 1 })
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await accounts.updateOne({ _id: 'a' }, { $set: { balance: 5 } }, { session })
      const waiting = accounts.updateOne({ _id: 'a' }, { $inc: { balance: 1 } })
      await session.commitTransaction()
      await waiting
    })
    expect(await accounts.findOne()).toEqual({ _id: 'a', balance: 6 })
  })

  it('makes an update of many documents wait as a whole', async () => {
    const accounts = fresh()
    await accounts.insertMany([
      { _id: 'a', balance: 0 },
      { _id: 'b', balance: 0 },
    ])
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await accounts.updateOne({ _id: 'b' }, { $set: { balance: 10 } }, { session })
      const waiting = accounts.updateMany({}, { $inc: { balance: 1 } })
      await accounts.findOne({ _id: 'a' })
      await session.commitTransaction()
      await waiting
    })
    expect(await accounts.find().toArray()).toEqual([
      { _id: 'a', balance: 1 },
      { _id: 'b', balance: 11 },
    ])
  })

  it('that creates a collection loses when the collection exists by then', async () => {
    const accounts = fresh()
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await accounts.insertOne({ _id: 'a', balance: 0 }, { session })
      await accounts.insertOne({ _id: 'b', balance: 0 })
      await expect(session.commitTransaction()).rejects.toMatchObject({ code: 112 })
    })
    expect(await accounts.find().toArray()).toEqual([{ _id: 'b', balance: 0 }])
  })

  it('runs again by withTransaction until every increment is counted', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'a', balance: 0 })
    const increment = () =>
      server.client.withSession((session) =>
        session.withTransaction(async () => {
          const account = await accounts.findOne({ _id: 'a' }, { session })
          await accounts.updateOne(
            { _id: 'a' },
            { $set: { balance: (account?.balance ?? 0) + 1 } },
            { session },
          )
        }),
      )
    await Promise.all(Array.from({ length: 8 }, increment))
    expect(await accounts.findOne()).toEqual({ _id: 'a', balance: 8 })
  })

  it('is gone after a failed write', async () => {
    const accounts = fresh()
    await accounts.insertOne({ _id: 'a', balance: 0 })
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await accounts.insertOne({ _id: 'b', balance: 0 }, { session })
      await expect(accounts.insertOne({ _id: 'a', balance: 0 }, { session })).rejects.toMatchObject(
        { code: 11000 },
      )
      await expect(session.commitTransaction()).rejects.toMatchObject({ code: 251 })
    })
    expect(await accounts.countDocuments()).toBe(1)
  })

  it('is refused by a standalone server', async () => {
    const standalone = await startClient({ topology: 'standalone' })
    const session = standalone.client.startSession()
    session.startTransaction()
    const write = standalone.db
      .collection<Account>('accounts')
      .insertOne({ _id: 'a', balance: 1 }, { session })
    await expect(write).rejects.toMatchObject({ originalError: { code: 20 } })
    await session.endSession()
    await standalone.close()
  })
})
