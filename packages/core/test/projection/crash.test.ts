import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import type { ConsistencyLevel, Definition, ReadModelStore } from '../../src/index.ts'
import { closed, defineAccount, deposited, opened } from '../fixtures/accounts.ts'
import { type Balance, balances, byAccount, documentsOf } from '../fixtures/balances.ts'
import { around } from '../fixtures/around.ts'
import { Life } from '../fixtures/mortal.ts'
import { until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

const tuning = { batchSize: 7, retryDelaysMs: [] }
const names: readonly (keyof ReadModelStore)[] = [
  'level',
  'generations',
  'saveGenerations',
  'create',
  'checkpoint',
  'takeCheckpoint',
  'load',
  'commit',
  'drop',
]

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
  await using dying = world.another(next, { readModels: life.wrap(readModels, names), tuning })
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
