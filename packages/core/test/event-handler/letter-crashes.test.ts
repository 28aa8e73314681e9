import {
  InMemoryDeadLetterStore,
  InMemoryHandledEventStore,
  InMemoryHandlerProgressStore,
  InMemoryLeaseStore,
} from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  type DeadLetterStore,
  defineEventHandler,
  type DeliveryMode,
  type EventHandlerDefinition,
  reactTo,
} from '../../src/index.ts'
import { deposited } from '../fixtures/accounts.ts'
import { Life } from '../fixtures/mortal.ts'
import { until, untilSeen } from '../fixtures/until.ts'
import { HandlerWorld } from './handler-world.ts'

const letterCalls: readonly (keyof DeadLetterStore)[] = ['heads', 'queue', 'put', 'remove', 'count']
const moments = ['before', 'after'] as const
/** The third fails until it is mended; the last is of another stream. */
const events = [
  { stream: 'a-1', amount: 1 },
  { stream: 'a-1', amount: 2 },
  { stream: 'a-1', amount: 3 },
  { stream: 'a-2', amount: 4 },
]
const amounts = events.map(({ amount }) => amount)

/** What handlers do to the world; it cannot be taken back. */
class Outside {
  readonly received: number[] = []
  isMended = false
  async send(amount: number): Promise<void> {
    if (amount === 2 && !this.isMended) throw new RangeError('no to 2')
    this.received.push(amount)
  }
  times(amount: number): number {
    return this.received.filter((one) => one === amount).length
  }
}

function sending(outside: Outside, delivery: DeliveryMode): EventHandlerDefinition {
  return defineEventHandler('sending', {
    delivery,
    onError: 'dead-letter',
    startFrom: 'beginning',
    handlers: [reactTo(deposited, ({ amount }) => outside.send(amount))],
  })
}

interface Aftermath {
  readonly outside: Outside
  /** How often each event was handled, and whether it was in a letter, before somebody said retry. */
  readonly before: readonly { readonly times: number; readonly isKept: boolean }[]
}

/** A first process dies at one of its calls, a second one goes on. Undefined: the first came to the end. */
async function dieAndGoOn(
  delivery: DeliveryMode,
  lastCall: number,
  moment: 'before' | 'after',
): Promise<Aftermath | undefined> {
  const outside = new Outside()
  const life = new Life(lastCall, moment)
  const progress = new InMemoryHandlerProgressStore()
  const handledEvents = new InMemoryHandledEventStore()
  const deadLetters = new InMemoryDeadLetterStore()
  await using dying = new HandlerWorld([sending(life.wrap(outside, ['send']), delivery)], {
    progress: life.wrap(progress, ['read', 'open', 'take', 'advance']),
    handledEvents: life.wrap(handledEvents, ['handled', 'remember']),
    deadLetters: life.wrap(deadLetters, letterCalls),
    tuning: { graceMs: 0, retryDelaysMs: [1] },
  })
  let last = 0n
  for (const { stream, amount } of events)
    last = await dying.append(stream, deposited.create({ amount }))
  await dying.handlers.start().catch(() => undefined)
  await until(() => life.isOver || (dying.status().position ?? -1n) >= last)
  await dying.handlers.stop()
  // The dead process never gives its lease back; a store without it stands for the time until it expires.
  await using heir = dying.another([sending(outside, delivery)], {
    progress,
    handledEvents,
    deadLetters,
    leases: new InMemoryLeaseStore(),
  })
  await heir.handlers.start()
  await heir.handlers.waitFor('sending', last)
  const letters = heir.handlers.deadLetters('sending')
  const kept = new Set<number>()
  for await (const page of letters.list())
    for (const { event } of page) kept.add((event.data as { amount: number }).amount)
  const before = amounts.map((amount) => ({
    times: outside.times(amount),
    isKept: kept.has(amount),
  }))
  outside.isMended = true
  await letters.retry()
  await untilSeen(async () => (await letters.count()) === 0)
  return life.isOver ? { outside, before } : undefined
}

async function allDeaths(
  delivery: DeliveryMode,
  moment: 'before' | 'after',
): Promise<readonly Aftermath[]> {
  const deaths: Aftermath[] = []
  for (;;) {
    const aftermath = await dieAndGoOn(delivery, deaths.length + 1, moment)
    if (!aftermath) return deaths
    deaths.push(aftermath)
  }
}

/** The amounts of the first stream, each only where it came first. */
function firstTimes({ received }: Outside): readonly number[] {
  return [...new Set(received)].filter((amount) => amount !== 4)
}

describe.each(moments)('a process that dies %s any of its calls, with dead letters', (moment) => {
  test.each<DeliveryMode>(['at-least-once', 'idempotent'])(
    '%s: loses nothing, keeps the order of a stream, and has one event twice at the most',
    async (delivery) => {
      const deaths = await allDeaths(delivery, moment)
      expect(deaths.length).toBeGreaterThanOrEqual(15)
      for (const { outside } of deaths) {
        for (const amount of amounts) expect(outside.times(amount)).toBeGreaterThanOrEqual(1)
        expect(outside.received.length).toBeLessThanOrEqual(amounts.length + 1)
        expect(firstTimes(outside)).toEqual([1, 2, 3])
      }
    },
  )

  test('at most once: has nothing happen twice, and keeps what it cannot be sure of', async () => {
    const deaths = await allDeaths('at-most-once', moment)
    expect(deaths.length).toBeGreaterThanOrEqual(15)
    for (const { outside, before } of deaths) {
      for (const { times, isKept } of before) {
        expect(times).toBeLessThanOrEqual(1)
        expect(times === 1 || isKept).toBe(true)
      }
      for (const amount of amounts) expect(outside.times(amount)).toBeGreaterThanOrEqual(1)
      expect(firstTimes(outside)).toEqual([1, 2, 3])
    }
  })
})
