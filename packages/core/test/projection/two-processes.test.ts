import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  CheckpointConflictError,
  defineProjection,
  on,
  type ProjectionState,
} from '../../src/index.ts'
import { deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { balances, bank, documentsOf } from '../fixtures/balances.ts'
import { signal, until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

const tuning = { leaseMs: 60, retryDelaysMs: [] }

function stateOf(world: World): ProjectionState | undefined {
  return world.projections.status()[0]?.state
}

async function becomes(world: World, state: ProjectionState): Promise<void> {
  await until(() => stateOf(world) === state)
}

/** Two processes that share the documents of the projection. */
async function pair(): Promise<readonly [World, World]> {
  const first = new World(bank, { tuning })
  await first.append('account-a1', opened.create({ owner: 'Ada' }))
  await first.projections.start()
  await first.settle('by-account')
  await becomes(first, 'live')
  const second = first.another(bank, { tuning })
  await second.projections.start()
  await becomes(second, 'live')
  await until(() => slotsOf(first) === 512 && slotsOf(second) === 512)
  return [first, second]
}

function slotsOf(world: World): number {
  const workers = world.projections.status()[0]?.workers ?? []
  return workers
    .flatMap(({ slots }) => slots)
    .reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

test('two processes share the documents, and each writes its own', async () => {
  const [first, second] = await pair()
  await using _first = first
  await using _second = second
  for (let account = 0; account < 50; account += 1)
    await first.append(`account-b${account}`, opened.create({ owner: `${account}` }))
  await Promise.all([first.settle('by-account'), second.settle('by-account')])
  expect((await documentsOf(first, balances)).length).toBe(51)
  const steps = [first, second].map((world) => world.projections.status()[0]!.steps)
  expect(steps[0]! + steps[1]!).toBe(51)
  expect(Math.min(...steps)).toBeGreaterThan(10)
})

test('a projection that cannot be shared has one process at work and the other stands by', async () => {
  const joined = defineProjection('by-account', {
    into: balances,
    handlers: [
      on(
        opened,
        balances,
        ({ owner }, _document, { aggregateId: _id }) => ({ _id, owner, balance: 0 }),
        {
          joins: [{ model: balances, id: () => undefined }],
        },
      ),
    ],
  })
  await using first = new World([joined], { tuning })
  await first.append('account-a1', opened.create({ owner: 'Ada' }))
  await first.projections.start()
  await becomes(first, 'live')
  await using second = first.another([joined], { tuning })
  await second.projections.start()
  await becomes(second, 'standby')
  await second.append('account-a2', opened.create({ owner: 'Bob' }))
  await second.settle('by-account')
  expect([stateOf(first), stateOf(second)]).toEqual(['live', 'standby'])
})

test('a process that runs no projection at all sees how far the others are', async () => {
  const [first, second] = await pair()
  await using _first = first
  await using _second = second
  await using writer = first.another(bank)
  await writer.append('account-a1', deposited.create({ amount: 5 }))
  await writer.settle('by-account')
  expect(await documentsOf(writer, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 5 }])
})

test('both go on after one of them has switched generations', async () => {
  const [first, second] = await pair()
  await using _first = first
  await using _second = second
  await first.projections.rebuild('by-account')
  await second.append('account-a1', deposited.create({ amount: 5 }))
  await first.settle('by-account')
  await second.settle('by-account')
  await until(() => slotsOf(first) === 512 && slotsOf(second) === 512)
  expect(await documentsOf(second, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 5 }])
})

describe('the one that is left takes over', () => {
  test('at once when the other stops', async () => {
    const [first, second] = await pair()
    await using _first = first
    await using _second = second
    await first.append('account-a1', deposited.create({ amount: 5 }))
    await first.projections.stop()
    await until(() => slotsOf(second) === 1024)
    await second.append('account-a1', deposited.create({ amount: 7 }))
    await second.settle('by-account')
    expect(await documentsOf(second, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 12 }])
  })

  test.each(['exactly-once', 'idempotent'] as const)(
    'when the lease runs out, and a commit that was under way is refused (%s)',
    async (level) => {
      const stuck = signal()
      const asked = signal()
      const refused: unknown[] = []
      let isStuck = false
      const readModels = new InMemoryReadModelStore({ level })
      const leases = new InMemoryLeaseStore()
      await using zombie = new World(bank, {
        tuning,
        readModels: around(readModels, {
          commit: async (commit, what) => {
            if (isStuck) {
              asked.raise()
              await stuck.raised
            }
            return commit(what).catch((error: unknown) => {
              refused.push(error)
              throw error
            })
          },
        }),
        leases: around(leases, {
          renew: async (renew, lease, ttlMs) =>
            isStuck ? stuck.raised.then(() => false) : renew(lease, ttlMs),
        }),
      })
      await zombie.append('account-a1', opened.create({ owner: 'Ada' }))
      await zombie.projections.start()
      await zombie.settle('by-account')
      isStuck = true
      await zombie.append('account-a1', deposited.create({ amount: 5 }))
      await asked.raised
      await using heir = zombie.another(bank, { tuning, readModels, leases })
      await heir.projections.start()
      await becomes(heir, 'live')
      await heir.append('account-a1', deposited.create({ amount: 7 }))
      await heir.settle('by-account')
      isStuck = false
      stuck.raise()
      await until(() => slotsOf(zombie) === 512)
      expect(refused).toEqual([expect.any(CheckpointConflictError)])
      expect(await documentsOf(heir, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 12 }])
    },
  )
})

test('two processes that start at the same time on nothing both get along', async () => {
  await using first = new World(bank, { tuning })
  await using second = first.another(bank, { tuning })
  await first.append('account-a1', opened.create({ owner: 'Ada' }))
  await Promise.all([
    first.projections.start(),
    second.projections.start(),
    documentsOf(first, balances),
    documentsOf(second, balances),
  ])
  await first.settle('by-account')
  expect(first.log.lines.concat(second.log.lines)).toEqual([])
})

test('a lease store that is away for a while stops nothing for good', async () => {
  const leases = new InMemoryLeaseStore()
  let isAway = true
  const fail = (): Promise<never> => Promise.reject(new TypeError('lease store away'))
  await using world = new World(bank, {
    tuning,
    leases: around(leases, {
      acquire: (acquire, ...args) => (isAway ? fail() : acquire(...args)),
      renew: (renew, ...args) => (isAway ? fail() : renew(...args)),
      release: (release, ...args) => (isAway ? fail() : release(...args)),
    }),
  })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await becomes(world, 'retrying')
  isAway = false
  await world.settle('by-account')
  isAway = true
  await world.append('account-a1', deposited.create({ amount: 5 }))
  await world.settle('by-account')
  expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 5 }])
})
