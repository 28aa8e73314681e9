import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MongoReadModelStore } from '../../src/index.ts'
import { Decimal128, Long, ObjectId } from 'mongodb'
import { openStore, type OpenStore } from '../open-store.ts'
import { accounts, commit, generation, levels, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

describe.each(levels)('a document at level %s', (level) => {
  let server: TestServer
  let open: OpenStore
  let store: MongoReadModelStore

  beforeAll(async () => {
    server = await startServer(level)
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    open = openStore(server, level)
    store = open.store
  })
  afterEach(() => open[Symbol.asyncDispose]())

  it('comes back from load as it went in', async () => {
    await store.create(generation, [accounts])
    const document = {
      _id: 'a',
      integer: 7,
      negativeZero: -0,
      large: 2 ** 53,
      fraction: 1.5,
      bigint: 7n,
      largest: 2n ** 63n - 1n,
      date: new Date('2026-02-03T04:05:06.789Z'),
      nothing: null,
      yes: true,
      text: 'Grüße 🌍',
      list: [1, [2n, [new Date(0)]], { deep: null }, []],
      nested: { 'a key': { b: { c: 1 } }, empty: {} },
      decimal: Decimal128.fromString('1.10'),
      objectId: new ObjectId('64b7f0f0f0f0f0f0f0f0f0f0'),
    }
    const from = await store.takeCheckpoint(generation)
    await commit(store, from, 1n, [write({ ...document, ...{ gone: undefined } }, 1n)])
    const loaded = await store.load(generation, accounts, ['a'])
    expect(loaded.get('a')?.document).toStrictEqual(document)
  })

  it('has ordinary numbers in views; a bigint is one where that is exact', async () => {
    await store.create(generation, [accounts])
    const from = await store.takeCheckpoint(generation)
    const document = { _id: 'a', number: 7, small: 7n, large: 2n ** 60n }
    await commit(store, from, 1n, [write(document, 1n)])
    const view = store.view(generation, accounts)
    expect(await view.findOne({ _id: 'a' })).toEqual({
      _id: 'a',
      number: 7,
      small: 7,
      large: Long.fromBigInt(2n ** 60n),
    })
    expect(await view.findOne({ _id: 'a' }, { useBigInt64: true })).toEqual(document)
  })
})
