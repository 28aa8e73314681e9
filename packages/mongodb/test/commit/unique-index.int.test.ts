import { defineReadModel, UniqueIndexViolationError } from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MongoReadModelStore } from '../../src/index.ts'
import { openStore, type OpenStore } from '../open-store.ts'
import { commit, generation, levels, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

describe.each(levels)('a unique index at level %s', (level) => {
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

  const people = defineReadModel('people', { indexes: [{ keys: { email: 1 }, unique: true }] })
  const person = (id: string, email: string, position: bigint, previous?: bigint) =>
    write({ _id: id, ...{ email } }, position, previous, { model: people })
  const emails = async () => {
    const found = await store.view(generation, people).find().sort({ _id: 1 }).toArray()
    return found.map((one) => (one as unknown as { email: string }).email)
  }
  beforeEach(() => store.create(generation, [people]))

  it('refuses a second document with the same value, by name', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 1n, [person('a', 'ann@x', 1n)])
    const second = commit(store, first, 2n, [person('b', 'ann@x', 2n)])
    await expect(second).rejects.toThrow(UniqueIndexViolationError)
    await expect(second).rejects.toMatchObject({ model: 'people', id: 'b', index: 'email_1' })
    await expect(second).rejects.toThrow(/ann@x/)
    expect(await emails()).toEqual(['ann@x'])
  })

  it('lets a value go from one document to another in one batch, in any order of writes', async () => {
    const from = await store.takeCheckpoint(generation)
    const first = await commit(store, from, 2n, [
      person('a', 'one@x', 1n),
      person('b', 'two@x', 2n),
    ])
    await commit(store, first, 9n, [person('a', 'two@x', 9n, 1n), person('b', 'three@x', 8n, 2n)])
    expect(await emails()).toEqual(['two@x', 'three@x'])
  })

  if (level === 'exactly-once') {
    it('lets two documents swap their values', async () => {
      const from = await store.takeCheckpoint(generation)
      const first = await commit(store, from, 2n, [
        person('a', 'one@x', 1n),
        person('b', 'two@x', 2n),
      ])
      await commit(store, first, 9n, [person('a', 'two@x', 8n, 1n), person('b', 'one@x', 9n, 2n)])
      expect(await emails()).toEqual(['two@x', 'one@x'])
    })
  }
})
