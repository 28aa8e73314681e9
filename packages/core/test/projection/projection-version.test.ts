import { describe, expect, test } from 'vitest'
import { defineProjection, on } from '../../src/index.ts'
import { defineAccount, deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { balances, bank, byAccount, documentsOf } from '../fixtures/balances.ts'
import { filled, generationOf } from '../fixtures/filled.ts'
import { signal, until, untilSeen } from '../fixtures/until.ts'

describe('another version of a projection', () => {
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

  test('rebuilds by itself when it starts, while readers see the old documents', async () => {
    await using world = await filled()
    await world.projections.stop()
    const begun = signal()
    const goOn = signal()
    const readModels = around(world.readModels, {
      commit: async (commit, what) => {
        begun.raise()
        await goOn.raised
        return commit(what)
      },
    })
    await using newer = world.another([defineAccount(), doubled], { readModels })
    await newer.projections.start()
    await begun.raised
    expect(newer.projections.status()[0]?.state).toBe('rebuilding')
    expect((await documentsOf(newer, balances))[0]).toMatchObject({ balance: 45 })
    const joined = newer.projections.rebuild('by-account')
    goOn.raise()
    expect(await joined).toMatchObject({ generation: { version: 2, number: 2 }, events: 0 })
    await until(() => newer.projections.status()[0]?.state === 'live')
    expect(generationOf(newer)).toEqual({ projection: 'by-account', version: 2, number: 2 })
    await newer.append('account-a0', deposited.create({ amount: 1 }))
    await newer.settle('by-account')
    await until(() => generationOf(newer)?.number === 2)
    await using reader = newer.another([defineAccount(), doubled])
    expect((await documentsOf(reader, balances))[0]).toMatchObject({ balance: 92 })
  })

  test('takes over a generation at the switch even from a process that goes on writing the old one', async () => {
    await using world = await filled()
    await using newer = world.another(bank)
    let appended = 0
    const readModels = around(world.readModels, {
      takeCheckpoint: async (take, generation) => {
        const checkpoint = await take(generation)
        // The old process is refused, comes back and writes on, before the switch is made.
        if (generation.number === 1 && appended < 3) {
          appended += 1
          await world.append('account-a0', deposited.create({ amount: 1_000 }))
          await world.settle('by-account')
        }
        return checkpoint
      },
    })
    await using rebuilding = newer.another(bank, { readModels })
    await rebuilding.projections.rebuild('by-account')
    const fresh = newer.another(bank)
    expect((await documentsOf(fresh, balances))[0]).toMatchObject({
      balance: 45 + appended * 1_000,
    })
    expect(appended).toBe(3)
  })
})

test('a process of an earlier version leaves the read models alone, and answers from the later ones', async () => {
  await using newer = await filled({ tuning: { retryDelaysMs: [], leaseMs: 100 } })
  const later = [defineAccount(), { ...byAccount, version: 2 }]
  await using world = newer.another(later, { tuning: { retryDelaysMs: [], leaseMs: 100 } })
  await world.projections.start()
  await until(() => world.projections.status()[0]?.state === 'live')
  await until(() => newer.projections.status()[0]?.state === 'outdated')
  await expect(newer.projections.rebuild('by-account')).rejects.toThrow(
    'This process has version 1 of projection "by-account", but readers are on version 2.',
  )
  const position = await newer.append('account-a0', deposited.create({ amount: 1 }))
  await newer.projections.waitFor('by-account', position, 5_000)
  expect((await documentsOf(newer, balances))[0]).toMatchObject({ balance: 46 })
  expect(await world.readModels.generations('by-account')).toMatchObject({ active: { number: 2 } })
})

describe('a projection that declares something else, of the same version', () => {
  const narrower = defineProjection('by-account', {
    into: balances,
    handlers: byAccount.handlers.slice(0, 1),
  })

  test('is rebuilt when it starts', async () => {
    await using world = await filled()
    await world.projections.stop()
    await using changed = world.another([defineAccount(), narrower])
    await changed.projections.start()
    await until(() => changed.projections.status()[0]?.state === 'live')
    expect((await documentsOf(changed, balances))[0]).toMatchObject({ balance: 0 })
  })

  test('is not rebuilt back and forth by two processes', async () => {
    const tuning = { retryDelaysMs: [], leaseMs: 100 }
    await using world = await filled({ tuning })
    await using changed = world.another([defineAccount(), narrower], { tuning })
    await changed.projections.start()
    await until(() => changed.projections.status()[0]?.state === 'live')
    await until(() => world.projections.status()[0]?.state === 'outdated')
    expect(String(world.projections.status()[0]?.lastError)).toContain('with another shape')
    await using again = world.another(bank, { tuning })
    await again.projections.start()
    await until(() => again.projections.status()[0]?.state === 'outdated')
    await again.projections.rebuild('by-account')
    await until(() => again.projections.status()[0]?.state === 'live')
    await until(() => changed.projections.status()[0]?.state === 'outdated')
    expect((await documentsOf(again, balances))[0]).toMatchObject({ balance: 45 })
  })
})

test('readers in another process see a switch, without being told', async () => {
  await using world = await filled()
  await using reader = world.another(bank)
  const route = reader.model.readModels.get('balances')!
  expect(await reader.projections.activeGeneration(route)).toMatchObject({ number: 1 })
  await world.projections.rebuild('by-account')
  await untilSeen(async () => (await reader.projections.activeGeneration(route)).number === 2)
})
