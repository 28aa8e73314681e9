import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let set: Awaited<ReturnType<typeof startClient>>
let alone: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  set = await startClient()
  alone = await startClient({ topology: 'standalone' })
})
afterAll(async () => {
  await set.close()
  await alone.close()
})

const fresh = (server = set) => server.db.collection(`c${new ObjectId().toHexString()}`)

describe('a write concern', () => {
  it('that one member cannot fulfil is reported, and the write happens', async () => {
    const accounts = fresh()
    await expect(accounts.insertOne({ n: 1 }, { writeConcern: { w: 2 } })).rejects.toMatchObject({
      code: 100,
      errmsg: 'Not enough data-bearing nodes',
    })
    await expect(
      set.db.command({
        insert: accounts.collectionName,
        documents: [{ n: 2 }],
        writeConcern: { w: 'elsewhere' },
      }),
    ).rejects.toMatchObject({ code: 79 })
    expect(await accounts.countDocuments()).toBe(2)
  })

  it('of a committed transaction is reported without a label', async () => {
    const accounts = fresh()
    await set.client.withSession(async (session) => {
      session.startTransaction({ writeConcern: { w: 3 } })
      await accounts.insertOne({ n: 1 }, { session })
      await expect(session.commitTransaction()).rejects.toMatchObject({
        code: 100,
        errorLabels: [],
      })
    })
    expect(await accounts.countDocuments()).toBe(1)
  })

  it('above one member is refused by a standalone server', async () => {
    const accounts = fresh(alone)
    await expect(accounts.insertOne({ n: 1 }, { writeConcern: { w: 2 } })).rejects.toMatchObject({
      codeName: 'BadValue',
      message: "cannot use 'w' > 1 when a host is not replicated",
    })
    await accounts.insertOne({ n: 1 }, { writeConcern: { w: 'majority' } })
    expect(await accounts.countDocuments()).toBe(1)
  })

  it('is refused in the middle of a transaction, and by commands that do not write', async () => {
    await expect(set.db.command({ ping: 1, writeConcern: { w: 1 } })).rejects.toMatchObject({
      codeName: 'InvalidOptions',
    })
    await expect(
      set.db.command({ insert: 'x', documents: [{}], writeConcern: { w: 'majority', x: 1 } }),
    ).rejects.toMatchObject({ codeName: 'IDLUnknownField' })
  })
})

describe('a read concern', () => {
  it('is refused by commands that have none', async () => {
    await expect(
      set.db.command({ insert: 'x', documents: [{}], readConcern: { level: 'snapshot' } }),
    ).rejects.toMatchObject({
      codeName: 'InvalidOptions',
      message:
        'Command insert does not support { readConcern: { level: "snapshot", provenance: "clientSupplied" } } :: caused by :: read concern not supported',
    })
    await expect(
      set.db.command({ listCollections: 1, readConcern: { level: 'snapshot' } }),
    ).rejects.toMatchObject({ codeName: 'InvalidOptions' })
  })

  it('linearizable does not go with an output stage', async () => {
    const accounts = fresh()
    await accounts.insertOne({ n: 1 })
    const options = { readConcern: { level: 'linearizable' } } as const
    expect(await accounts.aggregate([{ $match: {} }], options).toArray()).toHaveLength(1)
    await expect(
      accounts.aggregate([{ $out: 'elsewhere' }], options).toArray(),
    ).rejects.toMatchObject({ codeName: 'InvalidOptions' })
  })

  it('is refused when its level is unknown', async () => {
    await expect(
      set.db.command({ find: 'x', readConcern: { level: 'sometimes' } }),
    ).rejects.toMatchObject({ codeName: 'FailedToParse' })
  })

  it('snapshot needs a replica set', async () => {
    await expect(
      alone.db.command({ find: 'x', readConcern: { level: 'snapshot' } }),
    ).rejects.toMatchObject({ codeName: 'NotAReplicaSet' })
  })
})
