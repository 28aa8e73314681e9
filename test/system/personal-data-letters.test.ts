import { defineEvent, upcast } from '@varve/core'
import {
  InMemoryEventStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySubjectKeyStore,
} from '@varve/memory'
import {
  createApplication,
  decideOn,
  defineAggregate,
  defineCommand,
  defineProjection,
  defineReadModel,
  on,
  silentLogger,
} from 'varve'
import { expect, test } from 'vitest'

const asBefore = defineEvent<{ name: string }>('registered', { personal: { name: {} } })
const asNow = defineEvent<{ owner: string }>('registered', {
  version: 2,
  personal: { owner: {} },
  upcast: [upcast.from<{ name: string }>(1, ({ name }) => ({ owner: name }))],
})
const register = defineCommand<{ id: string; name: string }>('register', {
  aggregateId: ({ id }) => id,
})
const people = defineReadModel<{ _id: string }>('people')

test('a dead letter of an event in an old version is sealed as the event is', async () => {
  const eventStore = new InMemoryEventStore()
  const readModels = new InMemoryReadModelStore()
  eventStore.close = readModels.close = () => Promise.resolve()
  const subjectKeys = new InMemorySubjectKeyStore()
  const stores = {
    eventStore: { eventStore },
    readModels: { readModels, leases: new InMemoryLeaseStore() },
    subjectKeys,
    logger: silentLogger,
  }
  {
    const person = defineAggregate('person', {
      initial: () => ({}),
      decide: [decideOn(register, (_state, { name }) => asBefore.create({ name }))],
      evolve: [],
    })
    await using app = await createApplication({ ...stores, definitions: [asBefore, person] })
    await app.execute(register, { id: 'p1', name: 'Ada' })
  }
  const projection = defineProjection('people', {
    into: people,
    version: 1,
    handlers: [
      on(asNow, people, ({ owner }) => {
        if (owner === 'Ada') throw new RangeError('not this one')
        return { _id: 'p1' }
      }),
    ],
  })
  await using app = await createApplication({
    ...stores,
    definitions: [projection],
    projections: { retryDelaysMs: [] },
  })
  const letters = app.projections.deadLetters('people')
  await expect.poll(() => letters.count()).toBe(1)
  const stored: unknown[] = []
  for await (const page of letters.list())
    for (const { queue } of page)
      for await (const raw of readModels.deadLetters.list({ consumer: queue.consumer }))
        stored.push(...raw)
  expect(stored).toMatchObject([
    { event: { stream: 'person-p1', data: { name: { placeholder: '[forgotten]' } } } },
  ])
})
