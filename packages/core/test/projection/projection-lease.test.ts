import { InMemoryLeaseStore } from '@varve/memory'
import { expect, test } from 'vitest'
import { deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { bank } from '../fixtures/balances.ts'
import { signal, until } from '../fixtures/until.ts'
import { World } from '../fixtures/world.ts'

test('a process that runs nothing any more holds no timer that keeps it alive', async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const world = new World(bank)
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await world.settle('by-account')
  await world.projections.rebuild('by-account')
  await world.projections.stop()
  expect(timers()).toBe(before)
})

test('a lease that is lost ends the work at once, and the projection stands in line again', async () => {
  const leases = new InMemoryLeaseStore()
  let isLost = false
  const lost = signal()
  await using world = new World(bank, {
    tuning: { leaseMs: 30 },
    leases: around(leases, {
      renew: async (renew, lease, ttlMs) => {
        if (!isLost) return renew(lease, ttlMs)
        await leases.release(lease)
        await leases.acquire(lease.name, 'somebody else', 60_000)
        lost.raise()
        return false
      },
    }),
  })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await world.settle('by-account')
  isLost = true
  await lost.raised
  await until(() => world.projections.status()[0]?.state === 'standby')
  const { eventsApplied } = world.projections.status()[0]!
  await world.append('account-a1', deposited.create({ amount: 1 }))
  expect(world.projections.status()[0]?.eventsApplied).toBe(eventsApplied)
})

test('the lease is given back by a stop, so that the next process need not wait', async () => {
  const leases = new InMemoryLeaseStore()
  await using world = new World(bank, { leases, tuning: { leaseMs: 60_000 } })
  await world.projections.start()
  await until(() => world.projections.status()[0]?.state === 'live')
  await world.projections.stop()
  expect(await leases.acquire('projection:by-account', 'next', 1_000)).toMatchObject({ epoch: 2n })
})
