import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import { DocumentTooLargeError, ProjectionHaltedError } from '../../src/index.ts'
import { deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { type Balance, balances, bank, byAccount, documentsOf } from '../fixtures/balances.ts'
import { failureOf } from '../fixtures/collect.ts'
import { until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

/** Finds balances over 100 too large until told otherwise. */
function strict() {
  const limit = { isKept: true }
  const readModels = around(new InMemoryReadModelStore(), {
    commit: async (commit, what) => {
      const large = what.writes.find(
        ({ document }) => ((document as Balance | undefined)?.balance ?? 0) > 100,
      )
      if (large && limit.isKept) throw new DocumentTooLargeError('balances', large.id, 101, 100)
      return commit(what)
    },
  })
  return { limit, readModels }
}

describe('a document the store refuses', () => {
  test('halts at the event that made it so, with everything before it written', async () => {
    const { limit, readModels } = strict()
    const halting = { ...byAccount, onError: 'halt' } as const
    await using world = new World([halting], { readModels, tuning: { retryDelaysMs: [1] } })
    await world.append(
      'account-a1',
      opened.create({ owner: 'Ada' }),
      deposited.create({ amount: 60 }),
    )
    await world.append('account-a2', opened.create({ owner: 'Bob' }))
    const refused = await world.append('account-a1', deposited.create({ amount: 60 }))
    await world.append('account-a2', deposited.create({ amount: 1 }))
    await world.projections.start()
    const error = await failureOf(() =>
      world.projections.runner('by-account').waitFor(refused, 5_000),
    )
    expect(error).toBeInstanceOf(ProjectionHaltedError)
    expect((error as Error).message).toContain(
      'account-a1/2 (position 3), document "a1" of "balances": Document "a1" of read model "balances" has 101 bytes',
    )
    expect(await documentsOf(world, balances)).toEqual([
      { _id: 'a1', owner: 'Ada', balance: 60 },
      { _id: 'a2', owner: 'Bob', balance: 0 },
    ])
    limit.isKept = false
    await world.projections.start()
    await world.settle('by-account')
    expect(await documentsOf(world, balances)).toEqual([
      { _id: 'a1', owner: 'Ada', balance: 120 },
      { _id: 'a2', owner: 'Bob', balance: 1 },
    ])
  })

  test('ends a rebuild with the reason and readers on the old documents', async () => {
    const { limit, readModels } = strict()
    limit.isKept = false
    await using world = new World(bank, { readModels })
    await world.append(
      'account-a1',
      opened.create({ owner: 'Ada' }),
      deposited.create({ amount: 200 }),
    )
    await world.projections.start()
    await world.settle('by-account')
    limit.isKept = true
    await expect(world.projections.rebuild('by-account')).rejects.toThrow(
      'account-a1/1 (position 1), document "a1" of "balances": Document "a1"',
    )
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 200 }])
    await until(() => world.projections.status()[0]?.state === 'live')
  })
})
