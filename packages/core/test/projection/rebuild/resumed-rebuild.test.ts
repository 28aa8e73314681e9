import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { defineProjection, type ReadModelStore } from '../../../src/index.ts'
import { deposited } from '../../fixtures/accounts.ts'
import { around } from '../../fixtures/around.ts'
import { balances, bank, byAccount, documentsOf } from '../../fixtures/balances.ts'
import { filled, WatchedStore } from '../../fixtures/filled.ts'
import { Life } from '../../fixtures/mortal.ts'
import { untilSeen } from '../../fixtures/until.ts'
import type { World } from '../../fixtures/world.ts'

const tuning = { retryDelaysMs: [], leaseMs: 100 }

/** Rebuilds in a process that dies at one of its commits into the new generation. */
async function dieInRebuild(world: World, afterCommits: number): Promise<void> {
  let commits = 0
  const readModels = around(world.readModels, {
    commit: async (commit, what) => {
      if (what.generation.number > 1 && (commits += 1) > afterCommits) throw new RangeError('died')
      return commit(what)
    },
    // Whatever it would still clean up.
    saveGenerations: (save, record, ...rest) =>
      commits > afterCommits ? Promise.reject(new RangeError('dead')) : save(record, ...rest),
    drop: (drop, ...rest) =>
      commits > afterCommits ? Promise.reject(new RangeError('dead')) : drop(...rest),
  })
  await using dying = world.another(bank, { readModels, leases: new InMemoryLeaseStore(), tuning })
  await expect(dying.projections.rebuild('by-account', { batch: 10 })).rejects.toThrow('died')
}

describe('a rebuild whose process died', () => {
  test('goes on where it was when it is asked for again', async () => {
    await using world = await filled({ tuning })
    await world.projections.stop()
    await dieInRebuild(world, 4)
    const before = await world.readModels.generations('by-account')
    expect(before).toMatchObject({ active: { number: 1 }, building: { number: 2 } })
    const result = await world.projections.rebuild('by-account', { batch: 10 })
    expect(result).toMatchObject({ generation: { number: 2 }, events: 70 })
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 45 })
  })

  test('goes on by itself in the next process that runs the projection', async () => {
    await using world = await filled({ tuning })
    await dieInRebuild(world, 4)
    await untilSeen(async () => {
      const record = await world.readModels.generations('by-account')
      return record?.active?.number === 2 && record.building === undefined
    })
    await world.append('account-a0', deposited.create({ amount: 1 }))
    await world.settle('by-account')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 46 })
  })

  test('begins anew where that is asked for', async () => {
    const watched = new WatchedStore()
    await using world = await filled({ readModels: watched.store, tuning })
    await world.projections.stop()
    await dieInRebuild(world, 4)
    const result = await world.projections.rebuild('by-account', { restart: true })
    expect(result).toMatchObject({ generation: { number: 3 }, events: 110 })
    expect([...watched.existing]).toEqual(['balances__v1_1', 'balances__v1_3'])
  })

  test('begins anew with other code', async () => {
    const watched = new WatchedStore()
    await using world = await filled({ readModels: watched.store, tuning })
    await world.projections.stop()
    await dieInRebuild(world, 4)
    const { models, handlers } = byAccount
    const narrower = defineProjection('by-account', {
      into: models,
      handlers: handlers.slice(0, 2),
      version: 2,
    })
    await using newer = world.another([narrower], { tuning })
    const result = await newer.projections.rebuild('by-account')
    expect(result).toMatchObject({ generation: { version: 2, number: 3 }, events: 110 })
    expect(watched.existing).not.toContain('balances__v1_2')
  })
})

const calls: readonly (keyof ReadModelStore)[] = [
  'generations',
  'saveGenerations',
  'create',
  'checkpoints',
  'takeCheckpoint',
  'load',
  'commit',
  'drop',
]

describe.each(['exactly-once', 'idempotent'] as const)('at level %s', (level) => {
  describe.each(['rebuild', 'rollback', 'cancel'] as const)('a %s', (action) => {
    test('that dies at any of its calls leaves one active model, whole, and no orphan', async () => {
      let deaths = 0
      for (let isOver = true; isOver; deaths += isOver ? 1 : 0)
        isOver = await dieAndGoOn(action, level, deaths + 1, deaths % 2 === 0 ? 'before' : 'after')
      expect(deaths).toBeGreaterThan(7)
    }, 60_000)
  })
})

/** Returns whether the first process died. */
async function dieAndGoOn(
  action: 'rebuild' | 'rollback' | 'cancel',
  level: 'exactly-once' | 'idempotent',
  last: number,
  moment: 'before' | 'after',
): Promise<boolean> {
  const store = new InMemoryReadModelStore({ level })
  const existing = new Set<number>()
  const readModels = around(store, {
    create: (create, generation, ...rest) => {
      existing.add(generation.number)
      return create(generation, ...rest)
    },
    drop: (drop, generation, ...rest) => {
      existing.delete(generation.number)
      return drop(generation, ...rest)
    },
  })
  await using world = await filled({ readModels, tuning: { ...tuning, graceMs: 0 } })
  if (action === 'rollback') await world.projections.rebuild('by-account')
  await world.projections.stop()
  const life = new Life(last, moment)
  await using dying = world.another(bank, {
    readModels: life.wrap(readModels, calls),
    leases: new InMemoryLeaseStore(),
    tuning,
  })
  if (action === 'rollback') await dying.projections.rollback('by-account').catch(() => undefined)
  else {
    const rebuilding = dying.projections.rebuild('by-account', { batch: 30 })
    const ended = rebuilding.catch(() => undefined)
    if (action === 'cancel') {
      await untilSeen(async () => life.isOver || (rebuilding.progress?.events ?? 0) > 0)
      await rebuilding.cancel()
    } else await ended
  }
  await using heir = world.another(bank, { tuning: { ...tuning, graceMs: 0 } })
  await heir.append('account-a0', deposited.create({ amount: 1 }))
  await heir.projections.start()
  await heir.settle('by-account')
  await untilSeen(async () => {
    const record = await store.generations('by-account')
    const isTidy = record?.building === undefined
    return isTidy && (await documentsOf(heir, balances))[0]?.balance === 46
  })
  const record = await store.generations('by-account')
  const named = new Set((record?.stored ?? []).map(({ generation }) => generation.number))
  for (const number of existing) expect(named).toContain(number)
  return life.isOver
}
