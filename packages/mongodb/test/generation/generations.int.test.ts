import { defineReadModel, GenerationConflictError, type GenerationRecord } from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MongoConnection, MongoReadModelStore } from '../../src/index.ts'
import { openStore, type OpenStore } from '../open-store.ts'
import { account, accounts, commit, generation, levels, write } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

describe.each(levels)('generations at level %s', (level) => {
  let server: TestServer
  let open: OpenStore
  let connection: MongoConnection
  let store: MongoReadModelStore

  beforeAll(async () => {
    server = await startServer(level)
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    open = openStore(server, level)
    ;({ connection, store } = open)
  })
  afterEach(() => open[Symbol.asyncDispose]())

  describe('records', () => {
    const record: GenerationRecord = {
      projection: 'balances',
      active: generation,
      previous: undefined,
      building: { ...generation, number: 2 },
      revision: 1,
    }

    it('are unknown before they were saved', async () => {
      expect(await store.generations('balances')).toBeUndefined()
    })

    it('come back as they were saved', async () => {
      await store.saveGenerations(record, 0)
      expect(await store.generations('balances')).toStrictEqual(record)
    })

    it('are saved once over each revision', async () => {
      const first = await Promise.allSettled([
        store.saveGenerations(record, 0),
        store.saveGenerations(record, 0),
      ])
      expect(first.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await store.saveGenerations({ ...record, revision: 2 }, 1)
      const late = store.saveGenerations({ ...record, revision: 2 }, 1)
      await expect(late).rejects.toThrow(GenerationConflictError)
    })
  })

  describe('a switch that closed a checkpoint and died', () => {
    const left = { ...generation, number: 1 }
    const record = {
      projection: 'balances',
      active: left,
      previous: undefined,
      building: { ...generation, number: 2 },
      revision: 1,
    }
    const close = (closedAt: number) =>
      connection.database
        .collection('varve_checkpoints')
        .updateOne({ _id: 'balances__v1_1' as never }, { $set: { closedAt } })

    it('fails if it goes on after somebody took the checkpoint', async () => {
      await store.create(left, [accounts])
      await store.takeCheckpoint(left)
      await store.saveGenerations(record, 0)
      await close(1)
      await store.takeCheckpoint(left)
      const late = store.saveGenerations({ ...record, active: record.building, revision: 2 }, 1)
      await expect(late).rejects.toThrow(GenerationConflictError)
      expect(await store.generations('balances')).toMatchObject({ active: left, revision: 2 })
    })

    it('is in nobody’s way once the generations were changed', async () => {
      await store.create(left, [accounts])
      await store.takeCheckpoint(left)
      await store.saveGenerations(record, 0)
      await close(1)
      await store.saveGenerations({ ...record, revision: 2 }, 1)
      await store.takeCheckpoint(left)
      await store.takeCheckpoint(left)
      expect(await store.generations('balances')).toMatchObject({ revision: 2 })
    })
  })

  describe('creating', () => {
    const indexesOf = async (name: string) => {
      const found = await connection.database.collection(name).listIndexes().toArray()
      return found.map((index) => index['name'] as string)
    }

    it('makes collections with their declared indexes, and may be repeated', async () => {
      const model = { ...accounts, history: true }
      await store.create(generation, [model])
      await store.create(generation, [model])
      await Promise.all([store.create(generation, [model]), store.create(generation, [model])])
      expect(await indexesOf('accounts__v1_1')).toEqual(['_id_', 'owner_1'])
      expect(await indexesOf('accounts__v1_1__history')).toEqual([
        '_id_',
        'id_1_toAt_1_fromAt_1',
        'cell_1_id_1_from_1_to_1',
        'cellAt_1_id_1_fromAt_1_toAt_1',
        'doc.owner_1_cell_1_from_1_to_1',
        'doc.owner_1_cellAt_1_fromAt_1_toAt_1',
      ])
      expect(open.log.warnings).toEqual([])
    })

    it('leaves indexes that refuse nothing out of a bulk, and makes them afterwards', async () => {
      const unique = { keys: { number: 1 }, unique: true } as const
      const model = { ...accounts, indexes: [...accounts.indexes, unique], history: true }
      await store.create(generation, [model], { indexes: 'unique' })
      expect(await indexesOf('accounts__v1_1')).toEqual(['_id_', 'number_1'])
      expect(await indexesOf('accounts__v1_1__history')).toEqual(['_id_', 'id_1_toAt_1_fromAt_1'])
      await store.create(generation, [model])
      expect(await indexesOf('accounts__v1_1')).toEqual(['_id_', 'number_1', 'owner_1'])
      expect(open.log.warnings).toEqual([])
    })

    it('reports a declaration that changed, and what to do', async () => {
      await store.create(generation, [accounts])
      const changed = defineReadModel('accounts', {
        indexes: [{ keys: { owner: 1 }, unique: true }],
      })
      await store.create(generation, [changed])
      expect(open.log.warnings).toEqual([expect.stringMatching(/"accounts".*Raise the version/)])
    })

    it('reports an index that is not declared any more', async () => {
      await store.create(generation, [accounts])
      await store.create(generation, [defineReadModel('accounts')])
      expect(open.log.warnings).toEqual([expect.stringMatching(/not declared any more/)])
    })
  })

  it('drops collections, history and checkpoint, and may do so again', async () => {
    const model = { ...accounts, history: true }
    await store.create(generation, [model])
    const from = await store.takeCheckpoint(generation)
    await commit(store, from, 1n, [write(account('a', 'Ann', 1), 1n, undefined, { model })])
    await store.drop(generation, [model])
    await store.drop(generation, [model])
    const left = await connection.database.listCollections().toArray()
    expect(left.filter(({ name }) => name.startsWith('accounts'))).toEqual([])
    expect(await store.checkpoints(generation)).toEqual([])
  })
})
