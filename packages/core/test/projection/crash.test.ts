import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  type ConsistencyLevel,
  type Definition,
  defineProjection,
  type LeaseStore,
  on,
  type ReadModelStore,
} from '../../src/index.ts'
import { closed, defineAccount, deposited, opened } from '../fixtures/accounts.ts'
import { type Balance, balances, byAccount, documentsOf } from '../fixtures/balances.ts'
import { around } from '../fixtures/around.ts'
import { Life } from '../fixtures/mortal.ts'
import { until, untilSeen } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

const tuning = { batchSize: 7, retryDelaysMs: [] }
const names: readonly (keyof ReadModelStore)[] = [
  'level',
  'generations',
  'saveGenerations',
  'create',
  'checkpoints',
  'takeCheckpoint',
  'split',
  'merge',
  'deadLetters',
  'load',
  'commit',
  'drop',
]

const leaseCalls: readonly (keyof LeaseStore)[] = ['acquire', 'renew', 'held', 'release']

/** Thirty events: accounts are opened, filled, closed and opened again. */
async function fill(world: World): Promise<void> {
  for (let round = 0; round < 5; round += 1)
    for (const [index, owner] of ['Ada', 'Bob'].entries()) {
      const stream = `account-a${index}`
      await world.append(stream, opened.create({ owner }))
      await world.append(stream, deposited.create({ amount: round + 1 }))
      if (round < 3) await world.append(stream, closed.create({}))
      else await world.append(stream, deposited.create({ amount: 10 }))
    }
}

/** What the events come to, folded by hand. */
const expected: Balance[] = [
  { _id: 'a0', owner: 'Ada', balance: 15 },
  { _id: 'a1', owner: 'Bob', balance: 15 },
]

async function liveUntilDeath(world: World, life: Life): Promise<void> {
  await world.projections.start().catch(() => undefined)
  const runner = world.projections.runner('by-account')
  await until(() => life.isOver || runner.status.state === 'live')
  await world.projections.stop()
}

/** Runs a first process that dies at one of its calls, then a second one to the end. Returns whether the first died. */
async function dieAndRestart(
  level: ConsistencyLevel,
  last: number,
  moment: 'before' | 'after',
  rebuiltAs?: readonly Definition[],
): Promise<boolean> {
  const definitions = [defineAccount(), byAccount]
  const readModels = new InMemoryReadModelStore({ level })
  const life = new Life(last, moment)
  await using world = new World(definitions, { readModels, tuning })
  await fill(world)
  if (rebuiltAs) {
    await world.projections.start()
    await world.settle('by-account')
    await world.projections.stop()
  }
  const next = rebuiltAs ?? definitions
  await using dying = world.another(next, {
    readModels: life.wrap(readModels, names),
    leases: life.wrap(world.leases, leaseCalls),
    tuning,
  })
  await liveUntilDeath(dying, life)
  // The dead process never gives its lease back; a store without it stands for the time until it expires.
  await using heir = world.another(next, { leases: new InMemoryLeaseStore(), tuning })
  await heir.projections.start()
  await heir.settle('by-account')
  await until(() => heir.projections.status()[0]?.state === 'live')
  expect(await documentsOf(heir, balances)).toEqual(expected)
  await heir.append('account-a0', deposited.create({ amount: 1 }))
  await heir.settle('by-account')
  expect((await documentsOf(heir, balances))[0]).toEqual({ ...expected[0], balance: 16 })
  return life.isOver
}

test('documents written without their checkpoint are not folded twice, also in other batches', async () => {
  const store = new InMemoryReadModelStore({ level: 'idempotent' })
  let isDying = false
  const readModels = around(store, {
    commit: async (commit, what) => {
      const committing = commit(what)
      // The store writes the documents first; whoever takes the checkpoint now stands for a crash in between.
      if (isDying && what.writes.length > 0) await store.takeCheckpoint(what.generation)
      return committing
    },
  })
  await using world = new World([defineAccount(), byAccount], { readModels, tuning })
  await world.append('account-a0', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await world.settle('by-account')
  isDying = true
  await world.append('account-a0', deposited.create({ amount: 5 }))
  await until(() => (world.projections.status()[0]?.retries ?? 0) > 0)
  await world.append('account-a0', deposited.create({ amount: 7 }))
  isDying = false
  await world.settle('by-account')
  expect(await documentsOf(world, balances)).toEqual([{ _id: 'a0', owner: 'Ada', balance: 12 }])
})

describe.each<ConsistencyLevel>(['exactly-once', 'idempotent'])('at level %s', (level) => {
  describe.each(['before', 'after'] as const)('a process that dies %s', (moment) => {
    test('any of its calls leaves nothing missing, doubled or older', async () => {
      let deaths = 0
      while (await dieAndRestart(level, deaths + 1, moment)) deaths += 1
      expect(deaths).toBeGreaterThanOrEqual(12)
    })

    test('any of its calls while it rebuilds for a new version does neither', async () => {
      const newer = [defineAccount(), { ...byAccount, version: 2 }]
      let deaths = 0
      while (await dieAndRestart(level, deaths + 1, moment, newer)) deaths += 1
      expect(deaths).toBeGreaterThanOrEqual(13)
    })
  })
})

describe.each<ConsistencyLevel>(['exactly-once', 'idempotent'])(
  'with an event that fails twice before it works, at level %s',
  (level) => {
    /** Deposits into a0 fail at first; what they fail in, and how often, outlives the process. */
    function moody() {
      let failures = 2
      const projection = defineProjection('by-account', {
        into: balances,
        handlers: [
          on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
            _id: aggregateId,
            owner,
            balance: 0,
          })),
          on(deposited, balances, ({ amount }, document, { aggregateId }) => {
            document!.balance += amount
            if (aggregateId === 'a0' && failures > 0) {
              failures -= 1
              throw new RangeError('moody')
            }
          }),
        ],
      })
      return projection
    }

    async function dieWithLetters(last: number, moment: 'before' | 'after'): Promise<boolean> {
      const definitions = [moody()]
      const readModels = new InMemoryReadModelStore({ level })
      const quick = { batchSize: 3, retryDelaysMs: Array.from({ length: 20 }, () => 1) }
      const life = new Life(last, moment)
      await using world = new World(definitions, { readModels, tuning: quick })
      for (const account of ['a0', 'a1'])
        await world.append(`account-${account}`, opened.create({ owner: 'Ada' }))
      for (const amount of [1, 2, 3])
        for (const account of ['a0', 'a1'])
          await world.append(`account-${account}`, deposited.create({ amount }))
      await using dying = world.another(definitions, {
        readModels: life.wrap(readModels, names),
        leases: life.wrap(world.leases, leaseCalls),
        tuning: quick,
      })
      await dying.projections.start().catch(() => undefined)
      await until(() => life.isOver || dying.projections.status()[0]?.state === 'live')
      if (!life.isOver) await untilSeen(async () => life.isOver || (await lettersIn(world)) === 0)
      await dying.projections.stop()
      await using heir = world.another(definitions, {
        leases: new InMemoryLeaseStore(),
        tuning: quick,
      })
      await heir.projections.start()
      await heir.settle('by-account')
      await untilSeen(async () => (await lettersIn(heir)) === 0)
      expect(await documentsOf(heir, balances)).toEqual([
        { _id: 'a0', owner: 'Ada', balance: 6 },
        { _id: 'a1', owner: 'Ada', balance: 6 },
      ])
      return life.isOver
    }

    function lettersIn(world: World): Promise<number> {
      return world.projections.deadLetters('by-account').count()
    }

    test.each(['before', 'after'] as const)(
      'a process that dies %s any of its calls loses no event and applies none twice',
      async (moment) => {
        let deaths = 0
        while (await dieWithLetters(deaths + 1, moment)) deaths += 1
        expect(deaths).toBeGreaterThanOrEqual(12)
      },
    )
  },
)
