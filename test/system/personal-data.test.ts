import { streamName } from '@varve/core'
import {
  InMemoryEventStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySnapshotStore,
  InMemorySubjectKeyStore,
} from '@varve/memory'
import {
  CommandIdReusedError,
  ConfigurationError,
  createApplication,
  ForgottenSubjectError,
  InvalidMasterKeyError,
  MissingSubjectError,
  NoPersonalDataError,
  type PrivacyOptions,
  silentLogger,
  type SubjectKeyStore,
  TenantRequiredError,
} from 'varve'
import { describe, expect, test } from 'vitest'
import { Customer, definitions, GetCard, PlaceOrder, Register } from './personal-data/customers.ts'

/** A store that outlives the application which closes it. */
function lasting<Store extends { close(): Promise<void> }>(store: Store): Store {
  store.close = () => Promise.resolve()
  return store
}

/** Stores that several processes share. */
function storesOf(subjectKeys: SubjectKeyStore = new InMemorySubjectKeyStore()) {
  const eventStore = lasting(new InMemoryEventStore())
  const snapshotStore = new InMemorySnapshotStore()
  const readModels = lasting(new InMemoryReadModelStore())
  const leases = new InMemoryLeaseStore()
  return {
    eventStore,
    snapshotStore,
    readModels,
    start: () =>
      createApplication({
        definitions,
        eventStore: { eventStore, snapshotStore },
        readModels: { readModels, leases },
        subjectKeys,
        logger: silentLogger,
        projections: { retryDelaysMs: [] },
      }),
    /** Everything that is stored of a stream, as text. */
    async storedIn(id: string): Promise<string> {
      const stream = streamName('customer', id)
      const events: unknown[] = []
      for await (const batch of eventStore.readStream(stream)) events.push(...batch)
      const snapshots = [await snapshotStore.load(stream)]
      return JSON.stringify([events, snapshots], (_key, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      )
    },
  }
}

type Stores = ReturnType<typeof storesOf>
type App = Awaited<ReturnType<Stores['start']>>

async function fill(app: App) {
  await app.execute(Register, { customerId: 'c1', name: 'Ada' })
  return app.execute(PlaceOrder, { customerId: 'c1', recipientId: 'c2', to: 'Bob' })
}

describe('personal data', () => {
  test('is in the clear for whoever reads through the application', async () => {
    await using app = await storesOf().start()
    const after = await fill(app)
    expect(await app.load(Customer, 'c1')).toMatchObject({
      name: 'Ada',
      born: new Date('1990-01-02T00:00:00.000Z'),
      gifts: ['Bob'],
    })
    expect(await app.query(new GetCard('c1'), { after })).toEqual({
      _id: 'c1',
      name: 'Ada',
      country: 'DE',
      income: 5,
      orders: 1,
    })
  })

  test('is sealed in the log and in snapshots; the rest is not', async () => {
    const stores = storesOf()
    {
      await using app = await stores.start()
      await fill(app)
    }
    const stored = await stores.storedIn('c1')
    expect(stored).toContain('"country":"DE"')
    expect(stored).toContain('"$sealed"')
    expect(stored).toContain('"sealed":{"c2":[["gift","to"]]}')
    expect(stored).toContain('"subjects":["c1","c2"]')
    for (const secret of ['Ada', 'Bob', '1990']) expect(stored).not.toContain(secret)
  })

  test('needs a subject: an event without one is refused, and nothing is stored', async () => {
    await using app = await storesOf().start()
    await app.execute(Register, { customerId: 'c1', name: 'Ada' })
    const order = app.execute(PlaceOrder, { customerId: 'c1', recipientId: '', to: 'Bob' })
    await expect(order).rejects.toThrow(MissingSubjectError)
    await expect(order).rejects.toThrow('its field "recipientId" is "": expected the id')
    expect((await app.load(Customer, 'c1')).orders).toBe(0)
  })

  test('needs a lasting place for keys, beside a log that lasts', async () => {
    const eventStore = { eventStore: new InMemoryEventStore() }
    const starting = createApplication({ definitions, eventStore, readModels: 'memory:' })
    await expect(starting).rejects.toThrow(ConfigurationError)
    await expect(starting).rejects.toThrow('pass subjectKeys')
  })
})

describe('a subject that is forgotten', () => {
  test('reads as placeholders: in the aggregate, in its past, and in read models once rebuilt', async () => {
    await using app = await storesOf().start()
    const { revision } = await fill(app)
    expect(await app.forget('c1')).toEqual({
      subject: 'c1',
      hadKey: true,
      projections: ['customer-cards'],
    })
    const expected = { name: '[forgotten]', born: null, gifts: ['Bob'], orders: 1 }
    expect(await app.load(Customer, 'c1')).toMatchObject(expected)
    expect(await app.load(Customer, 'c1', { at: { revision: revision! } })).toMatchObject(expected)
    await app.projections.rebuild('customer-cards')
    expect(await app.query(new GetCard('c1'))).toMatchObject({
      name: '[forgotten]',
      income: 0,
      country: 'DE',
      orders: 1,
    })
  })

  test('stays in nothing that was folded for queries of the past', async () => {
    await using app = await storesOf().start()
    const asOf = await app.execute(Register, { customerId: 'c1', name: 'Ada' })
    await app.execute(PlaceOrder, { customerId: 'c1', recipientId: 'c2', to: 'Bob' })
    await using past = await app.at(asOf)
    expect(await past.query(new GetCard('c1'))).toMatchObject({ name: 'Ada' })
    await app.forget('c1')
    expect(await past.query(new GetCard('c1'))).toMatchObject({ name: '[forgotten]' })
    expect(await app.query(new GetCard('c1'), { asOf })).toMatchObject({ name: '[forgotten]' })
  })

  test('leaves the data of others in the same events and snapshots readable', async () => {
    await using app = await storesOf().start()
    await fill(app)
    await app.forget('c2')
    expect(await app.load(Customer, 'c1')).toMatchObject({ name: 'Ada', gifts: ['[forgotten]'] })
  })

  test('stays in no snapshot: a state from before is never stored again', async () => {
    const stores = storesOf()
    await using app = await stores.start()
    await fill(app)
    await app.forget('c2')
    for (let count = 0; count < 4; count += 1)
      await app.execute(PlaceOrder, { customerId: 'c1', recipientId: 'c3', to: 'Cleo' })
    await app.close()
    const stored = await stores.storedIn('c1')
    for (const secret of ['Ada', 'Bob', 'Cleo']) expect(stored).not.toContain(secret)
    await using again = await stores.start()
    expect(await again.load(Customer, 'c1')).toMatchObject({ orders: 5, name: 'Ada' })
  })

  test('takes no new data: the command is refused, and nothing is stored', async () => {
    await using app = await storesOf().start()
    await fill(app)
    await app.forget('c2')
    const order = app.execute(PlaceOrder, { customerId: 'c1', recipientId: 'c2', to: 'Bob' })
    await expect(order).rejects.toThrow(ForgottenSubjectError)
    await expect(order).rejects.toThrow('has personal data of "c2", who is forgotten')
    expect((await app.load(Customer, 'c1')).orders).toBe(1)
  })

  test('is forgotten in every process that starts later, and may be forgotten again', async () => {
    const stores = storesOf()
    {
      await using app = await stores.start()
      await fill(app)
      await app.forget('c1')
    }
    await using app = await stores.start()
    expect(await app.load(Customer, 'c1')).toMatchObject({ name: '[forgotten]' })
    expect(await app.forget('c1')).toMatchObject({ hadKey: false })
    expect(await app.forget('nobody')).toMatchObject({ hadKey: false })
  })

  test('stays in no dead letter', async () => {
    const stores = storesOf()
    await using app = await stores.start()
    await fill(app)
    const after = await app.execute(PlaceOrder, {
      customerId: 'c1',
      recipientId: 'c4',
      to: 'nobody',
    })
    await app.query(new GetCard('c1'), { after, onTimeout: 'serve-stale' })
    const lettersIn = async (list: AsyncIterable<readonly { event: { data: unknown } }[]>) => {
      const found: unknown[] = []
      for await (const page of list) found.push(...page.map(({ event }) => event.data))
      return found
    }
    const letters = app.projections.deadLetters('customer-cards')
    expect(await lettersIn(letters.list())).toMatchObject([{ gift: { to: 'nobody' } }])
    await app.forget('c4')
    expect(await lettersIn(letters.list())).toMatchObject([{ gift: { to: '[forgotten]' } }])
    await letters.retry()
    await app.projections.rebuild('customer-cards')
    expect(await app.query(new GetCard('c1'))).toMatchObject({ orders: 2 })
  })
})

test('forgetting where no event has personal data is refused', async () => {
  await using app = await createApplication({
    definitions: [],
    eventStore: 'memory:',
    readModels: 'memory:',
  })
  await expect(app.forget('c1')).rejects.toThrow(NoPersonalDataError)
})

describe('a key store that does not answer', () => {
  test('is never taken for a forgotten subject: the read fails, and works again later', async () => {
    const keys = new InMemorySubjectKeyStore()
    let isDown = false
    const store: SubjectKeyStore = {
      find: (subjects) => (isDown ? Promise.reject(new Error('down')) : keys.find(subjects)),
      obtain: (subjects) => (isDown ? Promise.reject(new Error('down')) : keys.obtain(subjects)),
      forget: (subject) => keys.forget(subject),
    }
    const stores = storesOf(store)
    {
      await using app = await stores.start()
      await fill(app)
    }
    isDown = true
    await using app = await stores.start()
    await expect(app.load(Customer, 'c1')).rejects.toThrow('down')
    await expect(app.execute(Register, { customerId: 'c9', name: 'Eve' })).rejects.toThrow('down')
    isDown = false
    expect(await app.load(Customer, 'c1')).toMatchObject({ name: 'Ada' })
    await app.projections.rebuild('customer-cards')
    expect(await app.query(new GetCard('c1'))).toMatchObject({ name: 'Ada' })
  })
})

describe('the options of privacy', () => {
  const start = (privacy: PrivacyOptions, tenants = false) =>
    createApplication({
      definitions,
      eventStore: 'memory:',
      readModels: 'memory:',
      logger: silentLogger,
      privacy,
      tenants,
    })

  test('name the placeholder of texts; what a field names goes before', async () => {
    await using app = await start({ placeholder: '-' })
    await fill(app)
    await app.forget('c1', { rebuild: true })
    expect(await app.load(Customer, 'c1')).toMatchObject({ name: '-', born: null })
    expect(await app.query(new GetCard('c1'))).toMatchObject({ name: '-', income: 0 })
  })

  test('take a master key, and nothing that looks like one', async () => {
    await using app = await start({ masterKey: Buffer.alloc(32, 7).toString('base64') })
    await fill(app)
    expect(await app.load(Customer, 'c1')).toMatchObject({ name: 'Ada', gifts: ['Bob'] })
    await expect(start({ masterKey: 'secret' })).rejects.toThrow(InvalidMasterKeyError)
  })

  test('keep the persons of tenants apart, by the aggregate and by a field', async () => {
    await using app = await start({}, true)
    for (const tenant of ['north', 'south']) {
      await app.execute(Register, { customerId: 'c1', name: 'Ada' }, { tenant })
      const order = { customerId: 'c1', recipientId: 'c2', to: 'Bob' }
      await app.execute(PlaceOrder, order, { tenant })
    }
    await expect(app.forget('c1')).rejects.toThrow(TenantRequiredError)
    expect(await app.forget('c1', { tenant: 'north' })).toMatchObject({ hadKey: true })
    expect(await app.forget('c2', { tenant: 'south' })).toMatchObject({ hadKey: true })
    expect(await app.load(Customer, 'c1', { tenant: 'north' })).toMatchObject({
      name: '[forgotten]',
      gifts: ['Bob'],
    })
    expect(await app.load(Customer, 'c1', { tenant: 'south' })).toMatchObject({
      name: 'Ada',
      gifts: ['[forgotten]'],
    })
  })
})

test('a command with an id is known again after its person was forgotten', async () => {
  await using app = await storesOf().start()
  const register = { customerId: 'c1', name: 'Ada' }
  await app.execute(Register, register, { id: 'r1' })
  const other = { customerId: 'c1', name: 'Eve' }
  await expect(app.execute(Register, other, { id: 'r1' })).rejects.toThrow(CommandIdReusedError)
  await app.forget('c1')
  expect(await app.execute(Register, register, { id: 'r1' })).toMatchObject({ isRepeated: true })
})

test.each([undefined, null, '', 7])('nobody is forgotten by %j', async (subject) => {
  await using app = await storesOf().start()
  await expect(app.forget(subject as never)).rejects.toThrow(
    `"forget" is not valid:\n  subject: is ${JSON.stringify(subject)}: expected the id of a person`,
  )
})
