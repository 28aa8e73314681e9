import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from './start-client.ts'

interface Row {
  _id: number
  owner: string
  at: number
  email: string
}

const COUNT = 100_000
let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
  const rows = server.db.collection<Row>('rows')
  await rows.createIndexes([{ key: { owner: 1, at: -1 } }, { key: { email: 1 }, unique: true }])
  for (let first = 0; first < COUNT; first += 5000) {
    await rows.insertMany(
      Array.from({ length: 5000 }, (_, n) => {
        const _id = first + n
        return { _id, owner: `o${_id % 1000}`, at: _id, email: `e${_id}@bank` }
      }),
    )
  }
}, 60_000)
afterAll(async () => {
  await server.close()
})

const rows = () => server.db.collection<Row>('rows')
const looked = (explained: Document) => {
  const { totalKeysExamined, totalDocsExamined, nReturned } = explained[
    'executionStats'
  ] as Document
  return [totalKeysExamined, totalDocsExamined, nReturned] as unknown
}

describe('in a collection of 100,000 documents', () => {
  it('equality looks at the documents it finds', async () => {
    expect(looked(await rows().find({ email: 'e4711@bank' }).explain())).toEqual([1, 1, 1])
    expect(
      looked(
        await rows()
          .find({ _id: { $in: [7, 70_000] } })
          .explain(),
      ),
    ).toEqual([2, 2, 2])
    expect(looked(await rows().find({ owner: 'o5' }).explain())).toEqual([100, 100, 100])
  })

  it('a range in the order of an index stops at its limit', async () => {
    const cursor = rows()
      .find({ owner: 'o5', at: { $gt: 50_000 } })
      .sort({ at: -1 })
      .limit(10)
    expect(looked(await cursor.explain())).toEqual([10, 10, 10])
    expect((await cursor.toArray()).map(({ at }) => at)[0]).toBe(99_005)
    const last = rows().find().sort({ _id: -1 }).limit(3)
    expect(looked(await last.explain())).toEqual([3, 3, 3])
  })

  it('a transaction that has written still goes by the index', async () => {
    await server.client.withSession(async (session) => {
      session.startTransaction()
      const set = { $set: { owner: 'mine' } }
      await rows().updateMany({ owner: { $in: ['o1', 'o2'] } }, set, { session })
      expect(await rows().countDocuments({ owner: 'mine' }, { session })).toBe(200)
      expect(await rows().countDocuments({ owner: 'o1' }, { session })).toBe(0)
      const first = rows().find({ owner: 'mine' }, { session }).sort({ at: -1 }).limit(2)
      expect((await first.toArray()).map(({ at }) => at)).toEqual([99_002, 99_001])
      await session.abortTransaction()
    })
    expect(await rows().countDocuments({ owner: 'mine' })).toBe(0)
  })

  it('a read of everything comes in batches, each document once', async () => {
    const seen = new Set<number>()
    for await (const { _id } of rows().find({}, { batchSize: 10_000 })) seen.add(_id)
    expect(seen.size).toBe(COUNT)
  })
})
