import { InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { VirtualClock } from '@varve/testing'
import { expect, test } from 'vitest'
import type { Rebuild, BuildResult } from '../../../src/index.ts'
import { around } from '../../fixtures/around.ts'
import { filled } from '../../fixtures/filled.ts'
import { signal } from '../../fixtures/until.ts'
import type { World } from '../../fixtures/world.ts'

/** A rebuild in the middle of a commit, while the lease it is done under runs out unseen. */
async function interrupted(
  whenOver: (leases: InMemoryLeaseStore) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly world: World; readonly rebuilding: Rebuild<BuildResult> }> {
  const clock = new VirtualClock()
  const leases = new InMemoryLeaseStore({ clock })
  const [reached, looked] = [signal(), signal()]
  let isOver = false
  const world = await filled({
    leases: around(leases, {
      renew: async (renew, lease, ttlMs) => {
        const isHeld = await renew(lease, ttlMs)
        if (isOver && lease.name.startsWith('rebuild:')) looked.raise()
        return isHeld
      },
    }),
    readModels: around(new InMemoryReadModelStore(), {
      commit: async (commit, batch) => {
        if (batch.generation.number === 2 && !isOver) {
          reached.raise()
          await looked.raised
        }
        return commit(batch)
      },
    }),
    tuning: { leaseMs: 60 },
  })
  const rebuilding = world.projections.rebuild('by-account', { batch: 10 })
  await reached.raised
  clock.advance(3_600_000)
  await whenOver(leases)
  isOver = true
  return { world, rebuilding }
}

test('a rebuild whose lease ran out, and that nobody took over, goes on', async () => {
  const { world, rebuilding } = await interrupted()
  expect(await rebuilding).toMatchObject({ generation: { number: 2 }, events: 110 })
  await world[Symbol.asyncDispose]()
})

test('a rebuild that another process took over and gave back is asked for again by itself', async () => {
  const { world, rebuilding } = await interrupted(async (leases) => {
    const other = await leases.acquire('rebuild:by-account', 'another', 10_000)
    setTimeout(() => void leases.release(other!), 200)
  })
  expect(await rebuilding).toMatchObject({ generation: { number: 2 } })
  await world[Symbol.asyncDispose]()
})
