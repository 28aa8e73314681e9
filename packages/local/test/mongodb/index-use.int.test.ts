import { Long, type ClientSession, type Collection } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from './start-client.ts'

interface Row {
  _id: number
  [name: string]: unknown
}

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

/** Numbers that look random and are the same in every run. */
function* numbers(): Generator<number, never> {
  let state = 42
  for (;;) {
    state = (state * 1103515245 + 12345) % 2147483648
    yield state / 2147483648
  }
}

const scalars = [
  null,
  0,
  1,
  2.5,
  Long.fromString('9007199254740993'),
  'a',
  'ab',
  'b',
  true,
  { x: 1 },
]
const source = numbers()
const random = () => source.next().value
const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
const value = () => (random() < 0.3 ? [pick(scalars), pick(scalars)] : pick(scalars))
const row = (_id: number): Row => ({
  _id,
  ...(random() < 0.8 ? { a: value() } : {}),
  ...(random() < 0.8 ? { b: pick(scalars) } : {}),
  c: random() < 0.5 ? { d: value() } : [{ d: pick(scalars) }, { d: pick(scalars) }],
})
const condition = () =>
  pick([
    () => pick(scalars),
    () => ({ $in: [pick(scalars), pick(scalars)] }),
    () => ({ $gt: pick(scalars) }),
    () => ({ $lte: pick(scalars) }),
    () => ({ $gte: pick([0, 1, 'a']), $lt: pick([2, 'b', true]) }),
    () => ({ $ne: pick(scalars) }),
    () => ({ $regex: '^a' }),
    () => ({ $elemMatch: { $gte: pick(scalars) } }),
    () => ({ $exists: random() < 0.5 }),
  ])()

function randomQuery() {
  const fields = pick([['a'], ['b'], ['a', 'b'], ['c.d'], ['b', 'c.d'], ['_id', 'b']])
  const single = () =>
    Object.fromEntries(fields.map((field) => [field, field === '_id' ? { $gt: 50 } : condition()]))
  const filter = random() < 0.2 ? { $or: [single(), single()] } : single()
  const sort = pick([
    { _id: 1 as const },
    { _id: -1 as const },
    { b: -1 as const, _id: 1 as const },
    { b: 1 as const, _id: 1 as const },
  ])
  return { filter, sort }
}

/** The same documents in two collections, of which one has indexes. */
async function twoCollections(name: string) {
  const rows = Array.from({ length: 300 }, (_, id) => row(id))
  const plain = server.db.collection<Row>(`${name}-plain`)
  const indexed = server.db.collection<Row>(`${name}-indexed`)
  await indexed.createIndexes([
    { key: { a: 1 } },
    { key: { b: -1 } },
    { key: { b: 1, a: -1 }, name: 'both' },
    { key: { 'c.d': 1 } },
    { key: { b: 1, _id: 1 }, name: 'sparse', sparse: true },
    { key: { _id: 1, b: 1 }, name: 'partial', partialFilterExpression: { b: { $gt: 0 } } },
  ])
  await plain.insertMany(rows)
  await indexed.insertMany(rows)
  return [plain, indexed] as const
}

async function differences(
  [plain, indexed]: readonly [Collection<Row>, Collection<Row>],
  rounds: number,
  session?: ClientSession,
): Promise<unknown[]> {
  const wrong: unknown[] = []
  for (let round = 0; round < rounds; round += 1) {
    const { filter, sort } = randomQuery()
    const ids = (collection: Collection<Row>) =>
      collection
        .find(filter, session ? { session } : {})
        .sort(sort)
        .project<Row>({ _id: 1 })
        .map(({ _id }) => _id)
        .toArray()
    const [expected, found] = [await ids(plain), await ids(indexed)]
    if (JSON.stringify(expected) !== JSON.stringify(found))
      wrong.push({ filter, sort, expected, found })
  }
  return wrong
}

/** Makes the same changes in both collections. */
async function change(
  collections: readonly Collection<Row>[],
  ids: readonly number[],
  session?: ClientSession,
): Promise<void> {
  const options = session ? { session } : {}
  for (const id of ids) {
    const { _id, ...fields } = row(id)
    const kind = random()
    for (const collection of collections) {
      if (kind < 0.2) await collection.deleteOne({ _id }, options)
      else await collection.replaceOne({ _id }, fields, { ...options, upsert: true })
    }
  }
}

const numbersFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => first + n)

describe('queries with an index', () => {
  it('find the same as without one', async () => {
    expect(await differences(await twoCollections('outside'), 400)).toEqual([])
  })

  it('find the same in a transaction that has written, while others write', async () => {
    const collections = await twoCollections('inside')
    await server.client.withSession(async (session) => {
      session.startTransaction()
      await collections[0].findOne({}, { session })
      await change(collections, numbersFrom(0, 60))
      await change(collections, numbersFrom(280, 60), session)
      expect(await differences(collections, 250, session)).toEqual([])
      await change(collections, numbersFrom(250, 60), session)
      expect(await differences(collections, 150, session)).toEqual([])
      await session.commitTransaction()
    })
    expect(await differences(collections, 50)).toEqual([])
  })
})
