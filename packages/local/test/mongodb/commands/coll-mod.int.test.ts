import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

interface Row {
  _id: number
  x?: number | string
  at?: Date
}

const fresh = async (...rows: Row[]) => {
  const collection = server.db.collection<Row>(`c${new ObjectId().toHexString()}`)
  await collection.insertMany(rows)
  return collection
}
const modify = (collection: { collectionName: string }, change: object) =>
  server.db.command({ collMod: collection.collectionName, ...change })

describe('collMod', () => {
  it('hides an index from queries and shows it again', async () => {
    const rows = await fresh({ _id: 1, x: 1 })
    await rows.createIndexes([{ key: { x: 1 } }])
    const stage = async () =>
      JSON.stringify((await rows.find({ x: 1 }).explain('queryPlanner'))['queryPlanner'])
    expect(await modify(rows, { index: { name: 'x_1', hidden: true } })).toMatchObject({
      hidden_old: false,
      hidden_new: true,
    })
    expect(await stage()).toContain('COLLSCAN')
    await modify(rows, { index: { keyPattern: { x: 1 }, hidden: false } })
    expect(await stage()).toContain('IXSCAN')
    await expect(modify(rows, { index: { name: '_id_', hidden: true } })).rejects.toMatchObject({
      codeName: 'BadValue',
    })
  })

  it('changes when documents expire, and makes an index do so', async () => {
    const rows = await fresh({ _id: 1, at: new Date() })
    await rows.createIndexes([{ key: { at: 1 } }])
    const answer = await modify(rows, { index: { name: 'at_1', expireAfterSeconds: 5 } })
    expect(answer['expireAfterSeconds_new']).toBe(5)
    expect(answer['expireAfterSeconds_old']).toBeUndefined()
    expect(await modify(rows, { index: { name: 'at_1', expireAfterSeconds: 9 } })).toMatchObject({
      expireAfterSeconds_old: 5,
      expireAfterSeconds_new: 9,
    })
  })

  it('changes the validator', async () => {
    const rows = await fresh({ _id: 1, x: 1 })
    await modify(rows, { validator: { x: { $type: 'string' } } })
    await expect(rows.insertOne({ _id: 2, x: 2 })).rejects.toMatchObject({ code: 121 })
    await modify(rows, { validationLevel: 'off' })
    await rows.insertOne({ _id: 2, x: 2 })
    await expect(modify(rows, { validationLevel: 'never' })).rejects.toMatchObject({
      codeName: 'BadValue',
    })
  })

  it('makes an index unique once no two documents share a key', async () => {
    const rows = await fresh({ _id: 1, x: 1 }, { _id: 2, x: 1 })
    await rows.createIndexes([{ key: { x: 1 } }])
    await expect(modify(rows, { index: { name: 'x_1', unique: true } })).rejects.toMatchObject({
      codeName: 'InvalidOptions',
    })
    await modify(rows, { index: { name: 'x_1', prepareUnique: true } })
    await expect(rows.insertOne({ _id: 3, x: 1 })).rejects.toMatchObject({ code: 11000 })
    await expect(modify(rows, { index: { name: 'x_1', unique: true } })).rejects.toMatchObject({
      code: 359,
      errorResponse: { violations: [{ ids: [1, 2] }] },
    })
    await rows.deleteOne({ _id: 2 })
    expect(await modify(rows, { index: { name: 'x_1', unique: true } })).toMatchObject({
      unique_new: true,
    })
    expect(await rows.indexes()).toContainEqual({ v: 2, key: { x: 1 }, name: 'x_1', unique: true })
  })

  it('points a view elsewhere', async () => {
    const rows = await fresh({ _id: 1, x: 1 }, { _id: 2, x: 2 })
    const view = { collectionName: `${rows.collectionName}_view` }
    const pipeline = [{ $match: { x: 1 } }]
    await server.db.createCollection(view.collectionName, { viewOn: rows.collectionName, pipeline })
    await modify(view, { viewOn: rows.collectionName, pipeline: [{ $match: { x: 2 } }] })
    expect(await server.db.collection(view.collectionName).find().toArray()).toEqual([
      { _id: 2, x: 2 },
    ])
  })

  it('refuses what is not there', async () => {
    await expect(modify({ collectionName: 'nothing' }, {})).rejects.toMatchObject({
      codeName: 'NamespaceNotFound',
    })
    const rows = await fresh({ _id: 1 })
    await expect(modify(rows, { index: { name: 'y_1', hidden: true } })).rejects.toMatchObject({
      codeName: 'IndexNotFound',
    })
    await expect(modify(rows, { colour: 1 })).rejects.toMatchObject({ code: 40415 })
  })
})

describe('the search index commands', () => {
  it('are refused as outside of Atlas', async () => {
    const rows = await fresh({ _id: 1 })
    const error = { code: 31082, codeName: 'SearchNotEnabled' }
    await expect(rows.createSearchIndex({ definition: {} })).rejects.toMatchObject(error)
    await expect(rows.listSearchIndexes().toArray()).rejects.toMatchObject(error)
  })
})

describe('documents past their time', () => {
  it('are removed by the monitor', async () => {
    const rows = await fresh(
      { _id: 1, at: new Date(0) },
      { _id: 2, at: new Date(Date.now() + 1e9) },
    )
    const admin = server.client.db('admin')
    await rows.createIndexes([{ key: { at: 1 }, expireAfterSeconds: 1 }])
    const stream = rows.watch()
    await stream.tryNext()
    await admin.command({ setParameter: 1, ttlMonitorSleepSecs: 1 })
    expect(await stream.next()).toMatchObject({ operationType: 'delete', documentKey: { _id: 1 } })
    await admin.command({ setParameter: 1, ttlMonitorSleepSecs: 60 })
    await stream.close()
    expect(await rows.distinct('_id')).toEqual([2])
  })
})
