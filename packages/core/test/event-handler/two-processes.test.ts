import { InMemoryHandlerProgressStore, InMemoryLeaseStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineEventHandler,
  type DeliveryMode,
  EventHandlerConflictError,
  reactTo,
} from '../../src/index.ts'
import { deposited } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { signal, until } from '../fixtures/until.ts'
import { HandlerWorld } from './handler-world.ts'

const tuning = { leaseMs: 60 }

function noting(amounts: number[], delivery: DeliveryMode = 'at-least-once') {
  return defineEventHandler('noting', {
    delivery,
    handlers: [reactTo(deposited, ({ amount }) => amounts.push(amount))],
  })
}

test('of two processes one works and the other stands by, and takes over when the first stops', async () => {
  const seen: [number[], number[]] = [[], []]
  const first = new HandlerWorld([noting(seen[0])], { tuning })
  await first.handlers.start()
  await first.becomes('live')
  await using second = first.another([noting(seen[1])], { tuning })
  await second.handlers.start()
  await second.becomes('standby')
  const before = await first.append('a-1', deposited.create({ amount: 5 }))
  await second.handlers.waitFor('noting', before)
  await first.handlers.stop()
  await second.becomes('live')
  await second.handlers.waitFor(
    'noting',
    await first.append('a-1', deposited.create({ amount: 7 })),
  )
  expect(seen).toEqual([[5], [7]])
})

test('two processes that start at the same time on nothing agree where the handler starts', async () => {
  const amounts: number[] = []
  await using first = new HandlerWorld([noting(amounts)], { tuning })
  await first.append('a-1', deposited.create({ amount: 5 }))
  await using second = first.another([noting(amounts)], { tuning })
  await Promise.all([first.handlers.start(), second.handlers.start()])
  const last = await first.append('a-1', deposited.create({ amount: 7 }))
  await Promise.all([
    first.handlers.waitFor('noting', last),
    second.handlers.waitFor('noting', last),
  ])
  expect(amounts).toEqual([7])
})

test('the lease is given back by a stop, so that the next process need not wait', async () => {
  await using world = new HandlerWorld([noting([])], { tuning: { leaseMs: 600_000 } })
  await world.handlers.start()
  await world.becomes('live')
  await world.handlers.stop()
  const lease = await world.leases.acquire('event-handler:noting', 'next', 1_000)
  expect(lease).toMatchObject({ epoch: 2n })
})

test('a lease that is lost ends the work at once, and the handler stands in line again', async () => {
  const leases = new InMemoryLeaseStore()
  let isLost = false
  const amounts: number[] = []
  await using world = new HandlerWorld([noting(amounts)], {
    tuning,
    leases: around(leases, {
      renew: async (renew, lease, ttlMs) => {
        if (!isLost) return renew(lease, ttlMs)
        await leases.release(lease)
        await leases.acquire(lease.name, 'somebody else', 600_000)
        return false
      },
    }),
  })
  await world.handlers.start()
  await world.becomes('live')
  isLost = true
  await world.becomes('standby')
  await world.append('a-1', deposited.create({ amount: 5 }))
  expect(world.status()).toMatchObject({ state: 'standby', handled: 0 })
  expect(amounts).toEqual([])
})

/**
 * A process that stands still at one of its calls for longer than its lease, while another takes over, and then wakes up.
 */
async function zombie(delivery: DeliveryMode): Promise<{
  readonly byZombie: readonly number[]
  readonly byHeir: readonly number[]
  readonly refused: readonly unknown[]
}> {
  const asked = signal()
  const stuck = signal()
  const refused: unknown[] = []
  let isStuck = false
  const progress = new InMemoryHandlerProgressStore()
  const leases = new InMemoryLeaseStore()
  const seen: [number[], number[]] = [[], []]
  await using first = new HandlerWorld([noting(seen[0], delivery)], {
    tuning,
    progress: around(progress, {
      advance: async (advance, from, position) => {
        if (isStuck) {
          asked.raise()
          await stuck.raised
        }
        return advance(from, position).catch((error: unknown) => {
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
  await first.handlers.start()
  await first.becomes('live')
  isStuck = true
  await first.append('a-1', deposited.create({ amount: 5 }))
  await asked.raised
  await using heir = first.another([noting(seen[1], delivery)], { tuning, progress, leases })
  await heir.handlers.start()
  await heir.handlers.waitFor('noting', await heir.append('a-1', deposited.create({ amount: 7 })))
  isStuck = false
  stuck.raise()
  await until(() => refused.length > 0)
  await first.becomes('standby')
  return { byZombie: seen[0], byHeir: seen[1], refused }
}

describe('a process that wakes up after another took over', () => {
  test('is refused before its handler runs, at most once', async () => {
    const { byZombie, byHeir, refused } = await zombie('at-most-once')
    expect([byZombie, byHeir]).toEqual([[], [5, 7]])
    expect(refused).toEqual([expect.any(EventHandlerConflictError)])
  })

  test('has run its handler before it is refused, at least once', async () => {
    const { byZombie, byHeir, refused } = await zombie('at-least-once')
    expect([byZombie, byHeir]).toEqual([[5], [5, 7]])
    expect((refused[0] as Error).message).toBe(
      'Event handler "noting" is not where this process left it: expected epoch 1, position none, found epoch 2, position 1. Another process took over, or somebody moved it; take it again and look.',
    )
  })

  test('has told the other what it did, idempotent', async () => {
    const { byZombie, byHeir } = await zombie('idempotent')
    expect([byZombie, byHeir]).toEqual([[5], [7]])
  })
})

describe('a store that is away for a while', () => {
  const away = (): Promise<never> => Promise.reject(new TypeError('store away'))

  test('does not make a handler run twice that has run', async () => {
    const amounts: number[] = []
    let fails = 0
    const progress = around(new InMemoryHandlerProgressStore(), {
      // Every other answer is lost: some before the call took effect, some after.
      advance: async (advance, ...args) => {
        fails += 1
        if (fails % 3 === 1) return away()
        const advanced = await advance(...args)
        return fails % 3 === 2 ? away() : advanced
      },
    })
    await using world = new HandlerWorld([noting(amounts)], { progress, tuning })
    await world.handlers.start()
    await world.append('a-1', deposited.create({ amount: 1 }))
    const last = await world.append('a-1', deposited.create({ amount: 2 }))
    await world.handlers.waitFor('noting', last)
    expect(amounts).toEqual([1, 2])
    expect(world.status().lastError).toMatchObject({ message: 'store away' })
  })

  test('stops nothing for good, whatever it is asked', async () => {
    const amounts: number[] = []
    let isAway = false
    const progress = around(new InMemoryHandlerProgressStore(), {
      read: (read, ...args) => (isAway ? away() : read(...args)),
      take: (take, ...args) => (isAway ? away() : take(...args)),
    })
    const leases = around(new InMemoryLeaseStore(), {
      acquire: (acquire, ...args) => (isAway ? away() : acquire(...args)),
      renew: (renew, ...args) => (isAway ? away() : renew(...args)),
      release: (release, ...args) => (isAway ? away() : release(...args)),
    })
    await using world = new HandlerWorld([noting(amounts)], { progress, leases, tuning })
    await world.handlers.start()
    isAway = true
    await world.becomes('retrying')
    isAway = false
    const last = await world.append('a-1', deposited.create({ amount: 1 }))
    await world.handlers.waitFor('noting', last)
    expect(amounts).toEqual([1])
  })
})

test('a subscription that ends by itself is opened again from where the handler was', async () => {
  const amounts: number[] = []
  await using world = new HandlerWorld([noting(amounts)])
  let ended = 0
  const eventStore = around(world.eventStore, {
    subscribe: (subscribe, options) => {
      const subscription = subscribe(options)
      if (ended > 0) return subscription
      ended += 1
      return around(subscription, {
        [Symbol.asyncIterator]: async function* (_original) {
          for await (const batch of subscription) {
            yield batch
            if (batch.events.length > 0) return
          }
        },
      })
    },
  })
  await using interrupted = world.another([noting(amounts)], { eventStore })
  await interrupted.handlers.start()
  await interrupted.append('a-1', deposited.create({ amount: 1 }))
  await until(() => interrupted.log.lines.length > 0)
  expect(interrupted.log.lines[0]?.fields).toMatchObject({
    error: { code: 'EVENT_HANDLER_INTERRUPTED' },
  })
  const last = await interrupted.append('a-1', deposited.create({ amount: 2 }))
  await interrupted.handlers.waitFor('noting', last)
  expect(amounts).toEqual([1, 2])
})
