import { EventStoreDBEventStore } from '@varve/eventstoredb'
import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  type Application,
  Applies,
  Command,
  createApplication,
  Event,
  Handles,
  silentLogger,
} from 'varve'
import { streamName } from '@varve/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startEventStoreDBServer } from '../../packages/local/src/eventstoredb/eventstoredb-server.ts'
import { LocalStorage } from '../../packages/local/src/storage/local-storage.ts'

@Event('till.paid')
class Paid {
  constructor(
    readonly amount: number,
    readonly before: number,
  ) {}
}

@Command('till.pay')
class Pay {
  @AggregateId() readonly tillId!: string
  readonly amount!: number
}

@Aggregate('till', { snapshot: { every: 50, keep: 2 } })
class Till extends AggregateRoot {
  total = 0

  @Handles(Pay)
  pay({ amount }: Pay) {
    this.emit(new Paid(amount, this.total))
  }

  @Applies(Paid)
  paid({ amount }: Paid) {
    this.total += amount
  }
}

const storage = LocalStorage.open(':memory:')
let url = ''
let closeServer = async (): Promise<void> => undefined
const stores: EventStoreDBEventStore[] = []

beforeAll(async () => {
  const server = await startEventStoreDBServer(storage)
  url = server.url
  closeServer = () => server.close()
})

afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await closeServer()
  storage.close()
})

/** An application as another process has it: with connections and a memory of its own. */
function open(): Promise<Application> {
  return createApplication({
    definitions: [Till],
    eventStore: url,
    readModels: 'memory:',
    conflictRetries: 50,
    logger: silentLogger,
  })
}

async function eventsOf(id: string): Promise<Paid[]> {
  const store = new EventStoreDBEventStore({ connectionString: url })
  stores.push(store)
  const events: Paid[] = []
  for await (const batch of store.readStream(streamName('till', id)))
    events.push(...batch.map(({ data }) => data as Paid))
  return events
}

it('every decision of three processes that write one aggregate is made on all before it', async () => {
  const apps = await Promise.all([open(), open(), open()])
  await Promise.all(
    Array.from({ length: 90 }, (_, index) =>
      (apps[index % 3] as Application).execute(Pay, { tillId: 'shared', amount: index + 1 }),
    ),
  )
  const events = await eventsOf('shared')
  expect(events).toHaveLength(90)
  let total = 0
  for (const { amount, before } of events) {
    expect(before).toBe(total)
    total += amount
  }
  expect(total).toBe((90 * 91) / 2)
  await Promise.all(apps.map((app) => app.close()))
})

it('a command sent by three processes at once, and by a fourth behind snapshots, is carried out once', async () => {
  const apps = await Promise.all([open(), open(), open()])
  const [one] = apps
  const send = (app: Application, id: string) =>
    app.execute(Pay, { tillId: 'repeated', amount: 1 }, { id })
  const results = await Promise.all(apps.map((app) => send(app, 'first')))
  expect(new Set(results.map(({ revision }) => revision))).toEqual(new Set([0n]))
  for (let count = 0; count < 120; count += 1) await send(one, `other-${count}`)
  await Promise.all(apps.map((app) => app.close()))
  await using fourth = await open()
  const summaries = await fourth.snapshots.list(Till, 'repeated')
  expect(summaries.map(({ revision }) => revision)).toEqual([99n, 49n])
  const again = await send(fourth, 'first')
  expect(again).toMatchObject({ revision: 0n, isRepeated: true, events: [{ amount: 1 }] })
  expect(await eventsOf('repeated')).toHaveLength(121)
})

it('snapshots are rebuilt on the server, and as many kept as the aggregate says', async () => {
  await using app = await open()
  for (let count = 0; count < 3; count += 1)
    await app.execute(Pay, { tillId: 'rebuilt', amount: 1 })
  expect(await app.snapshots.rebuild(Till, 'rebuilt')).toMatchObject({ revision: 2n, version: 1 })
  expect((await app.snapshots.list(Till, 'rebuilt')).map(({ revision }) => revision)).toEqual([2n])
  const { total } = await app.load(Till, 'rebuilt')
  expect(total).toBe(3)
})
