import { describe, expect, test } from 'vitest'
import { defineProjection, on } from '../../src/index.ts'
import { defineAccount, deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { balances, bank, documentsOf } from '../fixtures/balances.ts'
import { filled, generationOf } from '../fixtures/filled.ts'
import { signal, until } from '../fixtures/until.ts'

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
