import {
  createApplication,
  defineEventHandler,
  defineProjection,
  defineReadModel,
  type EventHandlerStatus,
  on,
  reactTo,
  schemasOf,
} from 'varve'
import { defineEvent, silentLogger, streamName } from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'
import { Container } from 'inversify'
import { expect, it, vi } from 'vitest'
import { Charge } from './guides/charging.ts'
import { printedBy, promisedBy } from './printed-output.ts'

it.each([
  'projections',
  'event-handlers',
  'circuit-breaker',
  'commands',
  'evolution',
  'time-travel',
  'tenants',
  'privacy',
])('the guide %s shows what its example prints', async (page) => {
  const promised = promisedBy(`docs/guides/${page}.md`)
  expect(promised).not.toEqual([])
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  expect(await printedBy(() => import(`./guides/${page}.ts`))).toEqual(promised)
})

it('the webhook of the guide is carried out once', async () => {
  const { onParcelDelivered } = await import('./guides/other-sources.ts')
  const answers: string[] = []
  const printed = await printedBy(async () => {
    for (let count = 0; count < 2; count += 1)
      answers.push(await onParcelDelivered({ id: 'p1', item: 'tea' }))
  })
  expect(printed).toEqual(['tea arrived'])
  expect(answers).toEqual(['thank you', 'thank you again'])
})

it('the circuit of the guide opens for what the bank does not answer', async () => {
  const { app } = await import('./guides/protected-commands.ts')
  const charge = () =>
    app.execute(Charge, { invoiceId: 'i1' }).catch((error: unknown) => (error as Error).name)
  const failures: unknown[] = []
  for (let count = 0; count < 6; count += 1) failures.push(await charge())
  expect(failures).toEqual([...Array.from({ length: 5 }, () => 'TypeError'), 'CircuitOpenError'])
  await app.close()
})

it('the event a handler halted on is left out as the guide says', async () => {
  const { leaveOut } = await import('./guides/steering.ts')
  const shipped = defineEvent<{ item: string }>('order.shipped')
  const seen: string[] = []
  const eventStore = new InMemoryEventStore()
  await using app = await createApplication({
    definitions: [
      defineEventHandler('notes', {
        delivery: 'at-least-once',
        handlers: [
          reactTo(shipped, ({ item }) => {
            if (item === 'tea') throw new RangeError('no tea')
            seen.push(item)
          }),
        ],
      }),
    ],
    eventStore: { eventStore },
    readModels: 'memory:',
    eventHandlers: { retryDelaysMs: [] },
    logger: silentLogger,
  })
  const events = ['tea', 'milk'].map((item) => ({
    id: crypto.randomUUID(),
    type: 'order.shipped',
    data: { item },
    metadata: {},
  }))
  await eventStore.append(streamName('order', 'o1'), events, { expected: 'any' })
  const status = (): EventHandlerStatus | undefined => app.eventHandlers.status()[0]
  await vi.waitFor(() => expect(status()?.state).toBe('halted'))
  await leaveOut(app, 'notes')
  await app.eventHandlers.waitFor('notes', 1n)
  expect(seen).toEqual(['milk'])
})

it('the dead letters of the guide are listed, and applied once their cause is mended', async () => {
  const { describeDeadLetters, mend } = await import('./guides/dead-letters.ts')
  const shipped = defineEvent<{ item: string }>('parcel.shipped')
  const parcels = defineReadModel<{ _id: string; item: string }>('parcels')
  const handler = { isMended: false }
  const eventStore = new InMemoryEventStore()
  await using app = await createApplication({
    definitions: [
      defineProjection('parcels', {
        into: parcels,
        handlers: [
          on(shipped, parcels, ({ item }, _document, { aggregateId }) => {
            if (!handler.isMended && item === 'tea') throw new RangeError('no tea')
            return { _id: aggregateId, item }
          }),
        ],
      }),
    ],
    eventStore: { eventStore },
    readModels: 'memory:',
    projections: { retryDelaysMs: [] },
    logger: silentLogger,
  })
  const events = ['tea', 'milk'].map((item) => ({
    id: crypto.randomUUID(),
    type: 'parcel.shipped',
    data: { item },
    metadata: {},
  }))
  await eventStore.append(streamName('parcel', 'p1'), events, { expected: 'any' })
  const letters = app.projections.deadLetters('parcels')
  await vi.waitFor(async () => expect(await letters.count()).toBe(2))
  expect(await describeDeadLetters(app, 'parcels')).toEqual([
    'p1: parcel.shipped is dead, no tea',
    'p1: parcel.shipped is waiting, behind another',
  ])
  handler.isMended = true
  await mend(app, 'parcels', 'p1')
  await vi.waitFor(async () => expect(await letters.count()).toBe(0))
})

it('the dead letters of the event handler of the guide are listed, and handled once their cause is mended', async () => {
  const { describeLetters, handleAgain, Invoices, InvoiceService } =
    await import('./guides/invoices.ts')
  const { ReceiveGoods, ShipGoods, StockItem } = await import('./tutorial/stock-item.ts')
  const container = new Container()
  container.bind(InvoiceService).toSelf().inSingletonScope()
  await using app = await createApplication({
    definitions: [StockItem, Invoices],
    eventStore: 'memory:',
    readModels: 'memory:',
    eventHandlers: { retryDelaysMs: [] },
    container,
    logger: silentLogger,
  })
  const ship = async (itemId: string, quantity: number) => {
    await app.execute(ReceiveGoods, { itemId, quantity })
    const shipped = await app.execute(ShipGoods, { itemId, quantity })
    await app.eventHandlers.waitFor('invoices', shipped)
  }
  const printed = await printedBy(async () => {
    for (const quantity of [3, 4]) await ship('tea', quantity)
    await ship('milk', 1)
    expect(await describeLetters(app, 'invoices')).toEqual([
      'stock-tea: stock.shipped is dead, no price of tea',
      'stock-tea: stock.shipped is waiting, behind another',
    ])
    container.get(InvoiceService).isMended = true
    await handleAgain(app, 'invoices', 'stock-tea')
    const letters = app.eventHandlers.deadLetters('invoices')
    await vi.waitFor(async () => expect(await letters.count()).toBe(0))
  })
  expect(printed).toEqual(['invoice: 1 of milk', 'invoice: 3 of tea', 'invoice: 4 of tea'])
})

it('the poll of the guide keeps the first vote of each voter, whichever process took it', async () => {
  const { Poll, Vote } = await import('./guides/votes.ts')
  const eventStore = new InMemoryEventStore()
  const open = () =>
    createApplication({
      definitions: [Poll],
      eventStore: { eventStore },
      readModels: 'memory:',
      logger: silentLogger,
    })
  await using one = await open()
  await using other = await open()
  const vote = (app: typeof one, voter: string, choice: string) =>
    app.execute(Vote, { pollId: 'p1', voter, choice })
  await Promise.all([
    vote(one, 'Ada', 'tea'),
    vote(other, 'Ada', 'milk'),
    vote(one, 'Grace', 'tea'),
    vote(other, 'Alan', 'milk'),
  ])
  const voters: unknown[] = []
  for await (const events of eventStore.readStream(streamName('poll', 'p1')))
    voters.push(...events.map(({ data }) => (data as { voter: string }).voter))
  expect(voters.toSorted()).toEqual(['Ada', 'Alan', 'Grace'])
})

it('the counter of the guide stops at its limit', async () => {
  const { count, counter } = await import('./guides/counter.ts')
  await using app = await createApplication({
    definitions: [counter],
    eventStore: 'memory:',
    readModels: 'memory:',
    logger: silentLogger,
  })
  const by = async (by: number) => (await app.execute(count, { id: 'c1', by })).events.length
  expect([await by(4), await by(4), await by(4), await by(2)]).toEqual([1, 1, 0, 1])
})

it('the first event of the guide to changing events is read by the last', async () => {
  const first = await import('./guides/evolution/first-events.ts')
  const { read } = await import('./guides/evolution/stored-json.ts')
  const stored = JSON.stringify(new first.ParcelRegistered('Ada', '2'))
  expect(read('parcel.registered', 1, stored)).toEqual([
    { recipient: 'Ada', grams: 2000, registeredOn: '2021-04-01' },
  ])
})

it('the schemas of the guide are those of its events', async () => {
  const { ParcelMeasured, ParcelWeighed } = await import('./guides/evolution/given-schema.ts')
  expect(schemasOf([ParcelWeighed, ParcelMeasured]).map(({ schema }) => schema)).toMatchObject([
    { properties: { scale: { type: 'string' }, grams: { type: 'integer', minimum: 1 } } },
    { properties: { sides: { minItems: 3 } } },
  ])
})
