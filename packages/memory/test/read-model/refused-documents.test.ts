import {
  buildModel,
  createSingletonResolver,
  defineEvent,
  defineProjection,
  defineReadModel,
  JsonEventCodec,
  on,
  Projections,
  ProjectionHaltedError,
  randomIds,
  silentLogger,
  streamName,
  systemClock,
} from '@varve/core'
import { expect, it, vi } from 'vitest'
import { InMemoryEventStore, InMemoryLeaseStore, InMemoryReadModelStore } from '../../src/index.ts'

const Registered = defineEvent<{ email: string }>('user.registered')
const users = defineReadModel<{ _id: string; email: string }>('users', {
  indexes: [{ keys: { email: 1 }, unique: true }],
})

it('halts a projection that breaks a unique index, and keeps what came before', async () => {
  const model = buildModel([
    defineProjection('users', {
      into: users,
      onError: 'halt',
      handlers: [
        on(Registered, users, ({ email }, _, { aggregateId }) => ({ _id: aggregateId, email })),
      ],
    }),
  ])
  const eventStore = new InMemoryEventStore()
  const readModels = new InMemoryReadModelStore()
  const projections = new Projections(
    model,
    {
      eventStore,
      readModels,
      leases: new InMemoryLeaseStore(),
      codec: new JsonEventCodec(model.events),
      resolver: createSingletonResolver(),
      clock: systemClock,
      ids: randomIds,
      logger: silentLogger,
    },
    { retryDelaysMs: [1] },
  )
  for (const id of ['ada', 'bert']) {
    const event = {
      id: randomIds.next(),
      type: 'user.registered',
      data: { email: 'x@y.z' },
      metadata: {},
    }
    await eventStore.append(streamName('user', id), [event], { expected: 'no-stream' })
  }
  await projections.start()
  await vi.waitFor(() => {
    expect(projections.status()[0]?.lastError).toBeInstanceOf(ProjectionHaltedError)
  })
  const generation = { projection: 'users', version: 1, number: 1 }
  const kept = await readModels.load(generation, users, ['ada', 'bert'])
  expect([...kept.keys()]).toEqual(['ada'])
  await projections.stop()
})
