import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { type FromSnapshotOptions, type ReadModelStore } from '../../../src/index.ts'
import { deposited, opened } from '../../fixtures/accounts.ts'
import { failureOf } from '../../fixtures/collect.ts'
import { Life } from '../../fixtures/mortal.ts'
import { bankOf, fillAtRandom, storedIn, ways } from '../../fixtures/snapshot-balances.ts'
import { untilSeen } from '../../fixtures/until.ts'
import { World } from '../../fixtures/world.ts'

const from = 'snapshots'

describe.each(ways)('a rebuild from snapshots that finds aggregates by %s', (_, way) => {
  describe.each(['exactly-once', 'idempotent'] as const)('at level %s', (level) => {
    test('dies at any of its calls, and whoever goes on has the same documents', async () => {
      let deaths = 0
      for (let isOver = true; isOver; deaths += isOver ? 1 : 0)
        isOver = await dieAndGoOn(way, level, deaths + 1)
      expect(deaths).toBeGreaterThan(10)
    }, 60_000)
  })
})

const calls: readonly (keyof ReadModelStore)[] = [
  'generations',
  'saveGenerations',
  'create',
  'takeCheckpoint',
  'load',
  'commit',
  'drop',
]

/** Returns whether the first process died. */
async function dieAndGoOn(
  way: FromSnapshotOptions,
  level: 'exactly-once' | 'idempotent',
  last: number,
): Promise<boolean> {
  const readModels = new InMemoryReadModelStore({ level })
  const tuning = { retryDelaysMs: [], leaseMs: 100, graceMs: 0 }
  await using world = new World(bankOf(way), { readModels, tuning })
  await fillAtRandom(world, last)
  const life = new Life(last, last % 2 === 0 ? 'before' : 'after')
  await using dying = world.another(bankOf(way), {
    readModels: life.wrap(readModels, calls),
    leases: new InMemoryLeaseStore(),
    tuning,
  })
  await failureOf(() => dying.projections.rebuild('by-account', { from, batch: 10 }))
  await using heir = world.another(bankOf(way), { tuning })
  for (let index = 0; index < 8; index += 1) {
    await heir.append(`account-a${index}`, opened.create({ owner: 'Zoe' }))
    await heir.append(`account-a${index}`, deposited.create({ amount: index }))
  }
  if (last % 3 === 0) await heir.projections.rebuild('by-account', { from, batch: 10 })
  await heir.projections.start()
  await untilSeen(async () => {
    const record = await readModels.generations('by-account')
    return record?.active !== undefined && record.building === undefined
  })
  await heir.settle('by-account')
  const built = await storedIn(heir)
  await heir.projections.stop()
  await heir.projections.rebuild('by-account')
  expect(built).toEqual(await storedIn(heir))
  return life.isOver
}
