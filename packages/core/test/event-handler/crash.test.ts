import {
  InMemoryHandledEventStore,
  InMemoryHandlerProgressStore,
  InMemoryLeaseStore,
} from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineEventHandler,
  type DeliveryMode,
  type EventHandlerDefinition,
  type EventStore,
  type HandledEventStore,
  type HandlerProgressStore,
  reactTo,
} from '../../src/index.ts'
import { defineAccount, deposited, note, noted } from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { Life } from '../fixtures/mortal.ts'
import { until } from '../fixtures/until.ts'
import { HandlerWorld } from './handler-world.ts'

const progressCalls: readonly (keyof HandlerProgressStore)[] = ['read', 'open', 'take', 'advance']
const handledCalls: readonly (keyof HandledEventStore)[] = ['handled', 'remember']
const moments = ['before', 'after'] as const
const amounts = [1, 2, 3, 4]

/** What handlers do to the world; it cannot be taken back. */
class Outside {
  readonly received: number[] = []
  async send(amount: number): Promise<void> {
    this.received.push(amount)
  }
  times(amount: number): number {
    return this.received.filter((one) => one === amount).length
  }
}

function sending(outside: Outside, delivery: DeliveryMode): EventHandlerDefinition {
  return defineEventHandler('sending', {
    delivery,
    startFrom: 'beginning',
    handlers: [reactTo(deposited, ({ amount }) => outside.send(amount))],
  })
}

/** Runs until the process is dead or has done everything, and frees what the test holds of it. */
async function liveUntilDeath(world: HandlerWorld, life: Life, last: bigint): Promise<void> {
  await world.handlers.start().catch(() => undefined)
  await until(() => life.isOver || (world.status().position ?? -1n) >= last)
  await world.handlers.stop()
}

/** A first process dies at one of its calls, a second one goes on. Undefined: the first came to the end. */
async function dieAndGoOn(
  delivery: DeliveryMode,
  lastCall: number,
  moment: 'before' | 'after',
): Promise<Outside | undefined> {
  const outside = new Outside()
  const life = new Life(lastCall, moment)
  const progress = new InMemoryHandlerProgressStore()
  const handledEvents = new InMemoryHandledEventStore()
  const mortal = life.wrap(outside, ['send'])
  await using dying = new HandlerWorld([sending(mortal, delivery)], {
    progress: life.wrap(progress, progressCalls),
    handledEvents: life.wrap(handledEvents, handledCalls),
    tuning: { graceMs: 0 },
  })
  let last = 0n
  for (const amount of amounts) last = await dying.append('a-1', deposited.create({ amount }))
  await liveUntilDeath(dying, life, last)
  // The dead process never gives its lease back; a store without it stands for the time until it expires.
  await using heir = dying.another([sending(outside, delivery)], {
    progress,
    handledEvents,
    leases: new InMemoryLeaseStore(),
  })
  await heir.handlers.start()
  await heir.handlers.waitFor('sending', last)
  return life.isOver ? outside : undefined
}

/** What the world received of each event, for a death at each call. */
async function allDeaths(
  delivery: DeliveryMode,
  moment: 'before' | 'after',
): Promise<readonly (readonly number[])[]> {
  const deaths: (readonly number[])[] = []
  for (;;) {
    const outside = await dieAndGoOn(delivery, deaths.length + 1, moment)
    if (!outside) return deaths
    deaths.push(amounts.map((amount) => outside.times(amount)))
  }
}

const total = (times: readonly number[]): number => times.reduce((sum, count) => sum + count, 0)

describe.each(moments)('a process that dies %s any of its calls', (moment) => {
  test('at most once: has nothing happen twice, and loses one event at the most', async () => {
    const deaths = await allDeaths('at-most-once', moment)
    expect(deaths.length).toBeGreaterThanOrEqual(11)
    for (const times of deaths) {
      expect(Math.max(...times)).toBeLessThanOrEqual(1)
      expect(total(times)).toBeGreaterThanOrEqual(amounts.length - 1)
    }
  })

  test('at least once: has everything happen, and one event twice at the most', async () => {
    const deaths = await allDeaths('at-least-once', moment)
    expect(deaths.length).toBeGreaterThanOrEqual(11)
    for (const times of deaths) {
      expect(Math.min(...times)).toBe(1)
      expect(total(times)).toBeLessThanOrEqual(amounts.length + 1)
    }
  })

  test('idempotent: has everything happen, and twice only what was under way', async () => {
    const deaths = await allDeaths('idempotent', moment)
    expect(deaths.length).toBeGreaterThanOrEqual(19)
    for (const times of deaths) {
      expect(Math.min(...times)).toBe(1)
      expect(total(times)).toBeLessThanOrEqual(amounts.length + 1)
    }
  })
})

test('the modes differ where it matters: one loses, the others double', async () => {
  expect((await allDeaths('at-most-once', 'before')).some((times) => times.includes(0))).toBe(true)
  expect((await allDeaths('at-least-once', 'after')).some((times) => times.includes(2))).toBe(true)
})

test('idempotent: what was recorded as handled is not handled again, even if the progress is lost', async () => {
  const outside = new Outside()
  const definitions = [sending(outside, 'idempotent')]
  const first = new HandlerWorld(definitions)
  for (const amount of amounts) await first.append('a-1', deposited.create({ amount }))
  await first.handlers.start()
  await first.handlers.waitFor('sending', 3n)
  await first.handlers.stop()
  await using second = first.another(definitions, { progress: new InMemoryHandlerProgressStore() })
  await second.handlers.start()
  await second.handlers.waitFor('sending', 3n)
  expect(outside.received).toEqual(amounts)
  expect(second.status()).toMatchObject({ handled: 0, passedOver: 4 })
})

describe.each<DeliveryMode>(['at-least-once', 'idempotent'])('%s', (delivery) => {
  const relaying = defineEventHandler('relaying', {
    delivery,
    startFrom: 'beginning',
    handlers: [
      reactTo(deposited, async ({ amount }, { execute }) => {
        await execute(note, { id: 'log', text: `${amount} came in` })
        await execute(note, { id: 'log', text: `${amount} is booked` })
      }),
    ],
  })
  const definitions = [defineAccount(), relaying, noted]

  async function dieAndRelay(lastCall: number, moment: 'before' | 'after'): Promise<boolean> {
    const life = new Life(lastCall, moment)
    await using world = new HandlerWorld(definitions)
    await world.append('account-a1', deposited.create({ amount: 1 }))
    const last = await world.append('account-a1', deposited.create({ amount: 2 }))
    const eventStoreCalls: readonly (keyof EventStore)[] = ['append']
    await using dying = world.another(definitions, {
      eventStore: life.wrap(world.eventStore, eventStoreCalls),
      progress: life.wrap(world.progress, progressCalls),
      handledEvents: life.wrap(world.handledEvents, handledCalls),
      tuning: { graceMs: 0 },
    })
    await liveUntilDeath(dying, life, last)
    await using heir = world.another(definitions, { leases: new InMemoryLeaseStore() })
    await heir.handlers.start()
    await heir.handlers.waitFor('relaying', last)
    const texts = (await eventsOf(world.eventStore, 'account-log')).map(
      ({ data }) => (data as { text: string }).text,
    )
    expect(texts).toEqual(['1 came in', '1 is booked', '2 came in', '2 is booked'])
    return life.isOver
  }

  test.each(moments)(
    'commands of a handler are carried out once, whatever call a process dies %s',
    async (moment) => {
      let deaths = 0
      while (await dieAndRelay(deaths + 1, moment)) deaths += 1
      expect(deaths).toBeGreaterThanOrEqual(9)
    },
  )
})
