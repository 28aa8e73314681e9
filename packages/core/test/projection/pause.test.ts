import { InMemoryReadModelStore } from '@varve/memory'
import { expect, test } from 'vitest'
import { ReadModelStoreUnavailableError } from '../../src/index.ts'
import { deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { balances, bank, documentsOf } from '../fixtures/balances.ts'
import { signal, until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

const tuning = { leaseMs: 60 }

async function becomes(world: World, state: string): Promise<void> {
  await until(() => world.projections.status()[0]?.state === state)
}

async function running(): Promise<World> {
  const world = new World(bank, { tuning })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await world.settle('by-account')
  await becomes(world, 'live')
  return world
}

test('a pause holds in all processes and across restarts, until somebody ends it', async () => {
  await using first = await running()
  await using second = first.another(bank, { tuning })
  await second.projections.start()
  await becomes(second, 'live')
  await first.projections.pause('by-account')
  await Promise.all([becomes(first, 'paused'), becomes(second, 'paused')])
  await first.projections.stop()
  await first.projections.start()
  await becomes(first, 'paused')
  await first.append('account-a1', deposited.create({ amount: 5 }))
  expect(await documentsOf(first, balances)).toMatchObject([{ balance: 0 }])
  await second.projections.resume('by-account')
  await Promise.all([first.settle('by-account'), second.settle('by-account')])
  expect(await documentsOf(first, balances)).toMatchObject([{ balance: 5 }])
})

test('a pause of what is paused, and a resume of what is not, change nothing', async () => {
  await using world = await running()
  await world.projections.resume('by-account')
  await world.projections.pause('by-account')
  await world.projections.pause('by-account')
  await becomes(world, 'paused')
  await world.projections.resume('by-account')
  await becomes(world, 'live')
})

test('a projection that is paused can be rebuilt, and stays paused', async () => {
  await using world = await running()
  await world.projections.pause('by-account')
  await becomes(world, 'paused')
  await world.append('account-a1', deposited.create({ amount: 5 }))
  await world.projections.rebuild('by-account')
  await becomes(world, 'paused')
  await using reader = world.another(bank)
  expect(await documentsOf(reader, balances)).toMatchObject([{ balance: 5 }])
})

test('while it catches up, the status tells how far behind it is', async () => {
  const goOn = signal()
  const begun = signal()
  let commits = 0
  const readModels = around(new InMemoryReadModelStore(), {
    commit: async (commit, what) => {
      commits += 1
      if (commits === 2) {
        begun.raise()
        await goOn.raised
      }
      return commit(what)
    },
  })
  await using world = new World(bank, { readModels, tuning: { leaseMs: 30, batchSize: 10 } })
  for (let account = 0; account < 100; account += 1)
    await world.append(`account-a${account}`, opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await begun.raised
  await until(() => world.projections.status()[0]?.lag.events !== undefined)
  const { lag, state, position } = world.projections.status()[0]!
  expect([state, position]).toEqual(['catching-up', 9n])
  expect(lag.events).toBeGreaterThanOrEqual(90)
  expect(lag.seconds).toBeGreaterThanOrEqual(0)
  goOn.raise()
  await becomes(world, 'live')
  expect(world.projections.status()[0]?.lag).toEqual({ events: 0, seconds: 0 })
})

test('a store that stays away opens the circuit, which closes by itself when it is back', async () => {
  let isAway = true
  const readModels = around(new InMemoryReadModelStore(), {
    commit: (commit, what) =>
      isAway
        ? Promise.reject(new ReadModelStoreUnavailableError('memory:', 'commit'))
        : commit(what),
  })
  await using world = new World(bank, { readModels, tuning })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await until(() => world.projections.status()[0]?.circuit === 'open')
  isAway = false
  await until(() => world.projections.status()[0]?.circuit === 'closed')
  await world.settle('by-account')
  expect(await documentsOf(world, balances)).toMatchObject([{ _id: 'a1' }])
})
