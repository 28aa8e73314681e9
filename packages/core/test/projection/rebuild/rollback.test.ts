import { describe, expect, test } from 'vitest'
import { defineProjection, NothingToRollBackError, on } from '../../../src/index.ts'
import { defineAccount, deposited, opened } from '../../fixtures/accounts.ts'
import { type Balance, balances, bank, documentsOf } from '../../fixtures/balances.ts'
import { filled, generationOf, WatchedStore } from '../../fixtures/filled.ts'
import { until, untilSeen } from '../../fixtures/until.ts'
import type { World } from '../../fixtures/world.ts'

const tuning = { retryDelaysMs: [], leaseMs: 100 }

/** The same projection with other handlers. */
const doubled = defineProjection('by-account', {
  into: balances,
  version: 2,
  handlers: [
    on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
      _id: aggregateId,
      owner,
      balance: 0,
    })),
    on(deposited, balances, ({ amount }, document) => void (document!.balance += 2 * amount)),
  ],
})

async function balanceOf(world: World, id: string): Promise<number | undefined> {
  const documents = await documentsOf<Balance>(world, balances)
  return documents.find(({ _id }) => _id === id)?.balance
}

describe('a rollback', () => {
  test('goes back to the generation before, with everything that was written since', async () => {
    await using world = await filled({ tuning })
    await world.projections.rebuild('by-account')
    await world.append('account-a0', deposited.create({ amount: 100 }))
    await world.settle('by-account')
    expect(await world.projections.rollback('by-account')).toMatchObject({ number: 1 })
    expect(await balanceOf(world, 'a0')).toBe(145)
    await world.append('account-a0', deposited.create({ amount: 1_000 }))
    await world.settle('by-account')
    expect(await balanceOf(world, 'a0')).toBe(1_145)
    await until(() => generationOf(world)?.number === 1)
  })

  test('can be rolled back', async () => {
    await using world = await filled({ tuning })
    await world.projections.rebuild('by-account')
    await world.projections.rollback('by-account')
    await world.append('account-a0', deposited.create({ amount: 100 }))
    expect(await world.projections.rollback('by-account')).toMatchObject({ number: 2 })
    expect(await balanceOf(world, 'a0')).toBe(145)
  })

  test('is refused where nothing was rebuilt yet', async () => {
    await using world = await filled({ tuning })
    await expect(world.projections.rollback('by-account')).rejects.toThrow(NothingToRollBackError)
    expect(generationOf(world)?.number).toBe(1)
  })

  test('leaves a projection stopped that was', async () => {
    await using world = await filled({ tuning })
    await world.projections.rebuild('by-account')
    await world.projections.stop()
    await world.append('account-a0', deposited.create({ amount: 100 }))
    await world.projections.rollback('by-account')
    expect(await balanceOf(world, 'a0')).toBe(145)
    expect(world.projections.status()[0]?.state).toBe('stopped')
  })

  test('to other code is refused where that code does not run, and done where it does', async () => {
    await using world = await filled({ tuning })
    await using newer = world.another([defineAccount(), doubled], { tuning })
    await newer.projections.start()
    await until(() => newer.projections.status()[0]?.state === 'live')
    await until(() => world.projections.status()[0]?.state === 'outdated')
    await world.append('account-a0', deposited.create({ amount: 1 }))
    await newer.settle('by-account')
    expect(await balanceOf(newer, 'a0')).toBe(92)
    await expect(newer.projections.rollback('by-account')).rejects.toThrow(
      'version 1 built the generation before, and this process has version 2',
    )
    await world.projections.rollback('by-account')
    expect(await balanceOf(world, 'a0')).toBe(46)
    await until(() => world.projections.status()[0]?.state === 'live')
    await until(() => newer.projections.status()[0]?.state === 'outdated')
    expect(String(newer.projections.status()[0]?.lastError)).toContain('by a rollback')
    expect(await world.readModels.generations('by-account')).toMatchObject({
      active: { number: 1 },
    })
  })
})

describe('the generation before a switch', () => {
  test('is kept up to date while it is kept', async () => {
    await using world = await filled({ tuning })
    await world.projections.rebuild('by-account')
    const position = await world.append('account-a0', deposited.create({ amount: 100 }))
    const before = { projection: 'by-account', version: 1, number: 1 }
    await untilSeen(async () => {
      const [checkpoint] = await world.readModels.checkpoints(before)
      return checkpoint?.position === position
    })
    const kept = await world.readModels.load(before, balances, ['a0'])
    expect(kept.get('a0')?.document).toMatchObject({ balance: 145 })
  })

  test('is kept up to date by a process with its code, after another one switched', async () => {
    await using world = await filled({ tuning })
    await using newer = world.another([defineAccount(), doubled], { tuning })
    await newer.projections.start()
    await until(() => newer.projections.status()[0]?.state === 'live')
    const position = await world.append('account-a0', deposited.create({ amount: 100 }))
    const before = { projection: 'by-account', version: 1, number: 1 }
    await untilSeen(async () => {
      const [checkpoint] = await world.readModels.checkpoints(before)
      return checkpoint?.position === position
    })
    const kept = await world.readModels.load(before, balances, ['a0'])
    expect(kept.get('a0')?.document).toMatchObject({ balance: 145 })
  })

  test('is dropped after its time, by one of two processes', async () => {
    const watched = new WatchedStore()
    await using world = await filled({ readModels: watched.store, tuning })
    await using other = world.another(bank, { tuning })
    await other.projections.start()
    await world.projections.rebuild('by-account', { graceMs: 0 })
    expect([...watched.existing]).toEqual(['balances__v1_1', 'balances__v1_2'])
    await until(() => !watched.existing.has('balances__v1_1'))
    await untilSeen(async () => {
      const record = await world.readModels.generations('by-account')
      return record?.previous === undefined && record?.stored?.length === 1
    })
    await expect(world.projections.rollback('by-account')).rejects.toThrow(
      'the generation before is dropped by now',
    )
  })
})
