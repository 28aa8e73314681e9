import { InMemoryEventStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineProjection,
  on,
  ProjectionHaltedError,
  ProjectionHandlerError,
  ProjectionLagError,
  ReadModelStoreUnavailableError,
  UnknownProjectionError,
} from '../../src/index.ts'
import { deposited, noted, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { balances, bank, documentsOf } from '../fixtures/balances.ts'
import { failureOf } from '../fixtures/collect.ts'
import { signal, until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

/** Refuses deposits of 13 until mended. */
function fragile() {
  const faults = { isMended: false, tries: 0 }
  const projection = defineProjection('fragile', {
    into: balances,
    onError: 'halt',
    handlers: [
      on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
        _id: aggregateId,
        owner,
        balance: 0,
      })),
      on(deposited, balances, ({ amount }, document) => {
        document!.balance += amount
        if (amount !== 13 || faults.isMended) return
        faults.tries += 1
        throw new RangeError('unlucky')
      }),
    ],
  })
  return { faults, projection }
}

const events = [
  opened.create({ owner: 'Ada' }),
  ...[1, 2, 13, 4].map((amount) => deposited.create({ amount })),
]

describe('a handler that fails in a projection that halts', () => {
  test('is tried again after each delay, and what came before it is written', async () => {
    const { faults, projection } = fragile()
    await using world = new World([projection], { tuning: { retryDelaysMs: [1, 1, 1] } })
    const position = await world.append('account-a1', ...events)
    await world.projections.start()
    const error = await failureOf(() =>
      world.projections.runner('fragile').waitFor(position, 5_000),
    )
    expect(error).toBeInstanceOf(ProjectionHaltedError)
    expect((error as Error).cause).toBeInstanceOf(ProjectionHandlerError)
    expect((error as Error).message).toContain(
      'account-a1/3 (position 3), document "a1" of "balances": unlucky',
    )
    expect(faults.tries).toBe(4)
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 3 }])
  })

  test('leaves nothing of its half-done change in what is written', async () => {
    const { projection } = fragile()
    await using world = new World([projection], { tuning: { retryDelaysMs: [1] } })
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.projections.start()
    await world.settle('fragile')
    await world.append('account-a1', ...events.slice(1))
    await until(() => world.projections.status()[0]?.state === 'halted')
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 3 }])
  })

  test('halts with its error in the status and in the log, and every wait is refused', async () => {
    const { projection } = fragile()
    await using world = new World([projection], { tuning: { retryDelaysMs: [1] } })
    const position = await world.append('account-a1', ...events)
    await world.projections.start()
    const waits = [2_000, 3_000].map((timeoutMs) =>
      failureOf(() => world.projections.runner('fragile').waitFor(position, timeoutMs)),
    )
    for (const error of await Promise.all(waits))
      expect(error).toBeInstanceOf(ProjectionHaltedError)
    await expect(world.projections.runner('fragile').waitFor(position, 1)).rejects.toThrow(
      ProjectionHaltedError,
    )
    expect(world.projections.status()[0]).toMatchObject({
      state: 'halted',
      retries: 1,
      lastError: expect.any(ProjectionHaltedError),
    })
    expect(world.log.lines.map(({ level }) => level)).toEqual(['warn', 'error'])
  })

  test('goes on without losing anything when it is mended and started again', async () => {
    const { faults, projection } = fragile()
    await using world = new World([projection], { tuning: { retryDelaysMs: [] } })
    await world.append('account-a1', ...events)
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'halted')
    await world.append('account-a1', deposited.create({ amount: 100 }))
    faults.isMended = true
    await world.projections.start()
    await world.settle('fragile')
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 120 }])
  })

  test('gives its lease back when it halts, so that mended code elsewhere goes on', async () => {
    const broken = fragile()
    const mended = fragile()
    mended.faults.isMended = true
    await using world = new World([broken.projection], { tuning: { retryDelaysMs: [] } })
    await world.append('account-a1', ...events)
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'halted')
    await using other = world.another([mended.projection])
    await other.projections.start()
    await other.settle('fragile')
    expect(await documentsOf(other, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 20 }])
  })

  test('that waits for its next try does not hold up a stop, and is not counted as applied', async () => {
    const { projection } = fragile()
    await using world = new World([projection], { tuning: { retryDelaysMs: [60_000] } })
    await world.append('account-a1', ...events)
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'retrying')
    await world.projections.stop()
    expect(world.projections.status()[0]).toMatchObject({ state: 'stopped', eventsApplied: 0 })
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 3 }])
  })
})

describe('a store that is away for a while', () => {
  test('is waited for, and the projection resumes by itself', async () => {
    let isAway = true
    const away = () => Promise.reject(new ReadModelStoreUnavailableError('memory:', 'commit'))
    const readModels = around(new InMemoryReadModelStore(), {
      commit: (commit, what) => (isAway ? away() : commit(what)),
    })
    await using world = new World(bank, { readModels })
    await world.append(
      'account-a1',
      opened.create({ owner: 'Ada' }),
      deposited.create({ amount: 5 }),
    )
    await world.projections.start()
    await until(() => (world.projections.status()[0]?.retries ?? 0) >= 2)
    expect(world.projections.status()[0]?.lastError).toBeInstanceOf(ReadModelStoreUnavailableError)
    isAway = false
    await world.settle('by-account')
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 5 }])
  })

  test('at its first call is no reason for a stop to wait', async () => {
    const readModels = around(new InMemoryReadModelStore(), {
      generations: () => Promise.reject(new TypeError('away')),
    })
    await using world = new World(bank, { readModels })
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'retrying')
    await world.projections.stop()
    expect(world.projections.status()[0]?.state).toBe('stopped')
  })
})

describe('a subscription that ends by itself', () => {
  test('is an interruption: it is opened again after a pause, and logged', async () => {
    const store = new InMemoryEventStore()
    let opens = 0
    const eventStore = around(store, {
      subscribe: (subscribe, options) => {
        opens += 1
        const subscription = subscribe(options)
        if (opens <= 3) void subscription.stop()
        return subscription
      },
    })
    await using world = new World(bank, { eventStore })
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.projections.start()
    await world.settle('by-account')
    expect(opens).toBe(4)
    expect(world.log.lines.map(({ message }) => message)).toEqual(
      Array.from({ length: 3 }, () => 'A projection was interrupted and starts again.'),
    )
    expect(world.projections.status()[0]?.retries).toBe(3)
  })
})

describe('a stop', () => {
  test('finishes the commit under way and starts no other', async () => {
    const begun = signal()
    const goOn = signal()
    let commits = 0
    const readModels = around(new InMemoryReadModelStore(), {
      commit: async (commit, what) => {
        commits += 1
        begun.raise()
        await goOn.raised
        return commit(what)
      },
    })
    await using world = new World(bank, { readModels, tuning: { batchSize: 1 } })
    await world.append(
      'account-a1',
      opened.create({ owner: 'Ada' }),
      deposited.create({ amount: 5 }),
    )
    await world.projections.start()
    await begun.raised
    const stopping = world.projections.stop()
    goOn.raise()
    await stopping
    expect(commits).toBe(1)
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 0 }])
    expect(world.projections.status()[0]).toMatchObject({
      state: 'stopped',
      eventsApplied: 1,
      position: 0n,
    })
  })

  test('while somebody waits leaves the wait to its time limit', async () => {
    await using world = new World(bank)
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'live')
    const waiting = failureOf(() => world.projections.runner('by-account').waitFor(0n, 30))
    await world.projections.stop()
    expect(await waiting).toBeInstanceOf(ProjectionLagError)
  })

  test('and a start right behind it end up running', async () => {
    await using world = new World(bank)
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'live')
    const stopping = world.projections.stop()
    await world.projections.start()
    await stopping
    await until(() => world.projections.status()[0]?.state === 'live')
  })

  test('of what never ran, or twice, does nothing', async () => {
    await using world = new World(bank)
    await world.projections.stop()
    await world.projections.start()
    await Promise.all([world.projections.stop(), world.projections.stop()])
    expect(world.projections.status()[0]?.state).toBe('stopped')
  })
})

test('the status tells what a projection did', async () => {
  await using world = new World([...bank, noted], { tuning: { batchSize: 2 } })
  expect(world.projections.status()).toEqual([
    {
      name: 'by-account',
      version: 1,
      state: 'stopped',
      generation: undefined,
      position: undefined,
      lag: { events: undefined, seconds: undefined },
      level: undefined,
      circuit: 'closed',
      workers: [{ name: expect.any(String), state: 'stopped', slots: [], position: undefined }],
      eventsApplied: 0,
      eventsRepeated: 0,
      steps: 0,
      failures: 0,
      lettersWritten: 0,
      lettersSettled: 0,
      batches: 0,
      largestBatch: 0,
      retries: 0,
      phasesMs: { load: 0, fold: 0, commit: 0 },
      eventsPerSecond: 0,
      lastError: undefined,
    },
  ])
  await world.append('account-a1', opened.create({ owner: 'Ada' }), deposited.create({ amount: 5 }))
  await world.append('account-a1', noted.create({ text: 'x' }), deposited.create({ amount: 5 }))
  await world.projections.start()
  await world.settle('by-account')
  await until(() => world.projections.status()[0]?.state === 'live')
  expect(world.projections.status()[0]).toMatchObject({
    generation: { projection: 'by-account', version: 1, number: 1 },
    position: 3n,
    level: 'exactly-once',
    lag: { events: 0, seconds: 0 },
    workers: [{ state: 'live', slots: [{ first: 0, last: 1023 }], position: 3n }],
    eventsApplied: 3,
    steps: 3,
    batches: 2,
    largestBatch: 2,
  })
})

test('a projection nobody defined is refused with the known ones', async () => {
  await using world = new World(bank)
  expect(() => world.projections.runner('lost')).toThrow(UnknownProjectionError)
  await expect(world.projections.rebuild('lost')).rejects.toThrow(
    'There is no projection "lost"; known: by-account.',
  )
})

test('a level the store cannot give is refused at the start', async () => {
  const readModels = new InMemoryReadModelStore({ level: 'idempotent' })
  await using world = new World(bank, { readModels })
  await expect(world.projections.start('exactly-once')).rejects.toThrow(
    'requires read models at level "exactly-once", but the server can only give "idempotent"',
  )
  await world.projections.start('idempotent')
  await until(() => world.projections.status()[0]?.state === 'live')
  expect(world.projections.status()[0]?.level).toBe('idempotent')
})
