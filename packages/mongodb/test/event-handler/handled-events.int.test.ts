import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  MongoConnection,
  MongoHandledEventStore,
  MongoHandlerProgressStore,
} from '../../src/index.ts'
import { levels } from '../read-models.ts'
import { startServer, type TestServer } from '../server.ts'

const hour = 3_600_000

describe.each(levels)('event handlers in MongoDB, on a server of level %s', (level) => {
  let server: TestServer
  let connection: MongoConnection
  beforeAll(async () => {
    server = await startServer(level)
    connection = new MongoConnection({ url: server.freshUrl() })
  })
  afterAll(async () => {
    await connection.database.dropDatabase()
    await connection.close()
    await server.stop()
  })

  it('are remembered in one document per consumer and event, which the server removes', async () => {
    const store = new MongoHandledEventStore({ connection })
    await store.remember('mailing', 'e1', hour)
    await store.remember('mailing', 'e1', hour)
    await store.remember('billing', 'e1', hour)
    const collection = connection.database.collection('varve_handled_events')
    const stored = await collection.find({}).toArray()
    expect(stored.map(({ _id }) => _id as unknown)).toEqual([
      { consumer: 'mailing', event: 'e1' },
      { consumer: 'billing', event: 'e1' },
    ])
    expect(await collection.listIndexes().toArray()).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    )
  })

  it('have their progress in one document each, with positions as int64', async () => {
    const store = new MongoHandlerProgressStore({ connection })
    await store.advance(await store.take('mailing'), 2n ** 60n + 1n)
    const stored = await connection.database
      .collection<{ _id: string }>('varve_event_handlers')
      .findOne({ _id: 'mailing' }, { useBigInt64: true })
    expect(stored).toEqual({
      _id: 'mailing',
      position: 2n ** 60n + 1n,
      furthest: 2n ** 60n + 1n,
      epoch: 1n,
      moves: 0,
      isPaused: false,
      updatedAt: expect.any(Date),
    })
  })

  it('have stores of their own that open and close their connection', async () => {
    const url = server.freshUrl()
    const progress = new MongoHandlerProgressStore({ url })
    const handledEvents = new MongoHandledEventStore({ url })
    await progress.open('mailing', 1n)
    expect(await handledEvents.handled('mailing', ['e1'])).toEqual(new Set())
    await Promise.all([progress.close(), handledEvents.close()])
    await expect(progress.read('mailing')).rejects.toMatchObject({
      code: 'READ_MODEL_STORE_CLOSED',
    })
    await expect(handledEvents.handled('mailing', ['e1'])).rejects.toMatchObject({
      code: 'READ_MODEL_STORE_CLOSED',
    })
  })
})

describe('event handlers on a server that does not answer', () => {
  it('are told so with the operation', async () => {
    const store = new MongoHandlerProgressStore({
      url: 'mongodb://127.0.0.1:9/bank?serverSelectionTimeoutMS=50',
    })
    await expect(store.take('mailing')).rejects.toMatchObject({
      code: 'READ_MODEL_STORE_UNAVAILABLE',
      operation: 'take event handler "mailing"',
    })
    await store.close()
  })
})
