import { randomUUID } from 'node:crypto'
import { streamName, type EventStore, type ProjectionStatus } from '@varve/core'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { hostServers, type LocalServers } from '@varve/local'
import { MongoClient } from 'mongodb'
import {
  type Application,
  createApplication,
  defineEvent,
  defineProjection,
  defineReadModel,
  on,
} from 'varve'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const events = 3_000
const documents = 50

const counted = defineEvent<{ readonly number: number }>('count.counted')

interface Count {
  readonly _id: string
  readonly count: number
  readonly sum: number
}

/** Adds up, and fails on each thousandth event until it is mended. */
function fragile() {
  const faults = { isMended: false }
  const counts = defineReadModel<Count>('counts')
  const projection = defineProjection('counts', {
    into: counts,
    handlers: [
      on(counted, counts, ({ number }, document, { aggregateId }) => {
        if (number % 1_000 === 999 && !faults.isMended) throw new RangeError(`not ${number}`)
        return {
          _id: aggregateId,
          count: (document?.count ?? 0) + 1,
          sum: (document?.sum ?? 0) + number,
        }
      }),
    ],
  })
  return { faults, projection }
}

describe('a projection with a handler that fails on each thousandth event and a server that refuses a third of its transactions', () => {
  let servers: LocalServers
  let eventStore: EventStore
  let client: MongoClient
  beforeAll(async () => {
    servers = await hostServers()
    eventStore = new EventStoreDBEventStore({ connectionString: servers.eventStoreUrl })
    client = await new MongoClient(servers.mongoUrl).connect()
    for (let start = 0; start < events; start += 100)
      await eventStore.append(
        streamName('count', String((start / 100) % documents)),
        Array.from({ length: 100 }, (_, index) => ({
          id: randomUUID(),
          type: 'count.counted',
          data: { number: start + index },
          metadata: {},
        })),
        { expected: 'any' },
      )
  })
  afterEach(async () => {
    await conflicts(false)
  })
  afterAll(async () => {
    await eventStore.close()
    await client.close()
    await servers.close()
  })

  const open = (projection: ReturnType<typeof fragile>['projection'], leaseMs = 5_000) => {
    const url = new URL(servers.mongoUrl)
    url.pathname = '/troubled'
    return createApplication({
      definitions: [projection],
      eventStore: servers.eventStoreUrl,
      readModels: url.href,
      projections: { batchSize: 100, retryDelaysMs: [1, 1], leaseMs },
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    })
  }
  const statusOf = (app: Application): ProjectionStatus => app.projections.status()[0]!
  const counts = () => client.db('troubled').collection<Count>('counts__v1_1').find().toArray()
  const expected = (): Map<string, { count: number; sum: number }> => {
    const totals = new Map<string, { count: number; sum: number }>()
    for (let number = 0; number < events; number += 1) {
      const id = String(Math.floor(number / 100) % documents)
      const { count, sum } = totals.get(id) ?? { count: 0, sum: 0 }
      totals.set(id, { count: count + 1, sum: sum + number })
    }
    return totals
  }

  /** Every third attempt to write in a transaction meets a conflict. */
  const conflicts = async (isOn: boolean): Promise<number> => {
    const { count } = await client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: isOn ? { activationProbability: 1 / 3 } : 'off',
      ...(isOn && {
        data: {
          failCommands: ['insert', 'update', 'bulkWrite', 'commitTransaction'],
          errorCode: 112,
          errorLabels: ['TransientTransactionError'],
        },
      }),
    })
    return count as number
  }

  it('has everything but the failing documents, tells of them, and after mending has everything', async () => {
    const { faults, projection } = fragile()
    await conflicts(true)
    await using app = await open(projection)
    await expect.poll(() => statusOf(app).state, { timeout: 90_000 }).toBe('live')
    const letters = () => app.projections.deadLetters('counts').count()
    await expect.poll(letters, { timeout: 30_000 }).toBe(3)
    const dead: unknown[] = []
    for await (const page of app.projections.deadLetters('counts').list())
      dead.push(...page.map(({ event }) => (event.data as { number: number }).number))
    expect(dead.sort()).toEqual([1999, 2999, 999])
    const found = (await counts()).reduce((sum, { count }) => sum + count, 0)
    expect(found).toBe(events - dead.length)
    expect(statusOf(app)).toMatchObject({ state: 'live', circuit: 'closed' })
    expect(statusOf(app).failures).toBeGreaterThanOrEqual(3)
    expect(await conflicts(false)).toBeGreaterThan(10)
    faults.isMended = true
    await app.projections.deadLetters('counts').retry()
    await expect.poll(letters, { timeout: 30_000 }).toBe(0)
    const totals = new Map((await counts()).map(({ _id, count, sum }) => [_id, { count, sum }]))
    expect(totals).toEqual(expected())
  }, 180_000)

  it('loses its lease while a transaction is under way and writes nothing twice', async () => {
    const { faults, projection } = fragile()
    faults.isMended = true
    await using first = await open(projection, 300)
    await expect.poll(() => statusOf(first).state).toBe('live')
    await client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['commitTransaction'], blockConnection: true, blockTimeMS: 2_000 },
    })
    const append = (number: number) =>
      eventStore.append(
        streamName('count', '0'),
        [{ id: randomUUID(), type: 'count.counted', data: { number }, metadata: {} }],
        { expected: 'any' },
      )
    await append(7)
    await using second = await open(projection, 300)
    await append(8)
    const zero = async () => (await counts()).find(({ _id }) => _id === '0')
    const { count, sum } = expected().get('0')!
    await expect.poll(zero, { timeout: 60_000 }).toMatchObject({ count: count + 2, sum: sum + 15 })
    await expect
      .poll(() => [statusOf(first).state, statusOf(second).state], { timeout: 30_000 })
      .toEqual(['live', 'live'])
    expect(await zero()).toMatchObject({ count: count + 2, sum: sum + 15 })
  }, 120_000)
})
