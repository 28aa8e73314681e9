import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MongoReadModelStore } from '../../src/index.ts'
import { openStore, type OpenStore } from '../open-store.ts'
import { type Account, accounts, generation, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

describe('a view of the stable name', () => {
  const next = { ...generation, number: 2 }
  const roles = { projection: 'balances', previous: undefined, building: undefined }
  let server: TestServer
  let open: OpenStore
  let store: MongoReadModelStore

  beforeAll(async () => {
    server = await startServer('exactly-once')
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    open = openStore(server, 'exactly-once')
    store = new MongoReadModelStore({ connection: open.connection, views: true })
    await store.create(generation, [accounts])
    await store.saveGenerations({ ...roles, active: generation, revision: 1 }, 0)
  })
  afterEach(() => open[Symbol.asyncDispose]())

  const seen = () => open.connection.database.collection('accounts').find().toArray()

  const fill = async (of: typeof generation, owner: string) => {
    await store.create(of, [accounts])
    const from = await store.takeCheckpoint(of)
    const writes = [write({ _id: 'a1', owner } as Account, 1n)]
    await store.commit({ generation: of, from, writes, position: 1n })
  }

  it('shows what readers see, without anything of Varve', async () => {
    await fill(generation, 'Ada')
    expect(await seen()).toEqual([{ _id: 'a1', owner: 'Ada' }])
  })

  it('follows a switch', async () => {
    await fill(generation, 'Ada')
    await fill(next, 'Bob')
    expect(await seen()).toMatchObject([{ owner: 'Ada' }])
    await store.saveGenerations({ ...roles, active: next, revision: 2 }, 1)
    expect(await seen()).toMatchObject([{ owner: 'Bob' }])
  })

  it('is brought there at the next start, where a crash left it behind', async () => {
    await fill(next, 'Bob')
    await open.store.saveGenerations({ ...roles, active: next, revision: 2 }, 1)
    expect(await seen()).toEqual([])
    await store.create(next, [accounts])
    expect(await seen()).toMatchObject([{ owner: 'Bob' }])
  })

  it('takes no place that a collection has, and says so', async () => {
    await open.connection.database.dropCollection('accounts')
    await open.connection.database.createCollection('accounts')
    await store.create(generation, [accounts])
    expect(open.log.warnings.join()).toContain('The view "accounts" could not be pointed')
  })
})
