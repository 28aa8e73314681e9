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

interface Person {
  _id: string
  boss?: string
  age: number
}

const people = async () => {
  const collection = server.db.collection<Person>(`c${new ObjectId().toHexString()}`)
  await collection.insertMany([
    { _id: 'ann', age: 60 },
    { _id: 'bob', boss: 'ann', age: 40 },
    { _id: 'cid', boss: 'bob', age: 30 },
    { _id: 'dan', boss: 'cid', age: 20 },
  ])
  return collection
}

describe('$facet', () => {
  it('runs several pipelines over the same documents', async () => {
    const [result] = await (
      await people()
    )
      .aggregate([
        { $match: { age: { $lt: 50 } } },
        {
          $facet: {
            count: [{ $count: 'n' }],
            oldest: [{ $sort: { age: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
            none: [{ $match: { age: 99 } }],
          },
        },
      ])
      .toArray()
    expect(result).toEqual({ count: [{ n: 3 }], oldest: [{ _id: 'bob' }], none: [] })
  })

  it('takes no stage that writes or searches elsewhere', async () => {
    const collection = await people()
    await expect(
      collection.aggregate([{ $facet: { a: [{ $out: 'x' }] } }]).toArray(),
    ).rejects.toMatchObject({ code: 40600 })
    await expect(
      collection.aggregate([{ $facet: { a: [{ $facet: {} }] } }]).toArray(),
    ).rejects.toMatchObject({ code: 40600 })
    await expect(collection.aggregate([{ $facet: {} }]).toArray()).rejects.toMatchObject({
      code: 40169,
    })
  })
})

describe('$graphLookup', () => {
  const above = async (more: Document = {}) => {
    const collection = await people()
    const [result] = await collection
      .aggregate([
        { $match: { _id: 'dan' } },
        {
          $graphLookup: {
            from: collection.collectionName,
            startWith: '$boss',
            connectFromField: 'boss',
            connectToField: '_id',
            as: 'above',
            depthField: 'steps',
            ...more,
          },
        },
      ])
      .toArray()
    const found = result?.['above'] as { _id: string; steps: number }[]
    return found.sort((left, right) => left.steps - right.steps)
  }

  it('follows connections, each document once', async () => {
    expect((await above()).map(({ _id, steps }) => [_id, steps])).toEqual([
      ['cid', 0],
      ['bob', 1],
      ['ann', 2],
    ])
  })

  it('stops at a depth, and leaves out what it must not meet', async () => {
    expect((await above({ maxDepth: 0 })).map(({ _id }) => _id)).toEqual(['cid'])
    const restricted = await above({ restrictSearchWithMatch: { age: { $lt: 40 } } })
    expect(restricted.map(({ _id }) => _id)).toEqual(['cid'])
  })
})

describe('$unionWith', () => {
  it('adds the documents of another collection, through a pipeline', async () => {
    const collection = await people()
    const found = await collection
      .aggregate([
        { $match: { _id: 'ann' } },
        {
          $unionWith: {
            coll: collection.collectionName,
            pipeline: [{ $match: { age: { $lt: 40 } } }, { $sort: { age: 1 } }],
          },
        },
        { $project: { age: 1 } },
      ])
      .toArray()
    expect(found).toEqual([
      { _id: 'ann', age: 60 },
      { _id: 'dan', age: 20 },
      { _id: 'cid', age: 30 },
    ])
  })

  it('adds documents given with it', async () => {
    const found = await (
      await people()
    )
      .aggregate([
        { $match: { _id: 'ann' } },
        { $project: { _id: 1 } },
        { $unionWith: { pipeline: [{ $documents: [{ _id: 'eve' }] }] } },
      ])
      .toArray()
    expect(found).toEqual([{ _id: 'ann' }, { _id: 'eve' }])
  })
})

describe('$merge and $out', () => {
  it('report the key a document is refused for', async () => {
    const collection = await people()
    await expect(
      collection
        .aggregate([{ $merge: { into: collection.collectionName, whenMatched: 'fail' } }])
        .toArray(),
    ).rejects.toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 'ann' } })
  })
})

describe('an update with a pipeline', () => {
  it('keeps the id when the new root has none', async () => {
    const collection = server.db.collection(`c${new ObjectId().toHexString()}`)
    await collection.insertOne({ _id: 1 as never, t: { v: 1 } })
    await collection.updateOne({}, [{ $replaceRoot: { newRoot: '$t' } }, { $set: { w: 2 } }])
    expect(await collection.findOne()).toEqual({ _id: 1, v: 1, w: 2 })
    await expect(collection.updateOne({}, [{ $replaceWith: { _id: 2 } }])).rejects.toMatchObject({
      code: 66,
    })
  })
})

describe('stages without a collection', () => {
  it('start with documents, sessions or operations', async () => {
    const admin = server.client.db('admin')
    expect(await admin.aggregate([{ $documents: [{ n: { $add: [1, 1] } }] }]).toArray()).toEqual([
      { n: 2 },
    ])
    const [session] = await admin.aggregate([{ $listLocalSessions: {} }, { $limit: 1 }]).toArray()
    expect(session).toMatchObject({ _id: { id: {} } })
    const operations = await admin.aggregate([{ $currentOp: {} }]).toArray()
    expect(operations).toMatchObject([{ active: true, ns: 'admin.$cmd.aggregate' }])
    await expect(admin.aggregate([{ $match: {} }]).toArray()).rejects.toMatchObject({
      codeName: 'InvalidNamespace',
    })
  })
})
