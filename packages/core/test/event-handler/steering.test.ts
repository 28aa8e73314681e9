import { InMemoryLeaseStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  defineEventHandler,
  type EventHandlerSettings,
  type HandlerProgressStore,
  reactTo,
} from '../../src/index.ts'
import { deposited, noted } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { failureOf } from '../fixtures/collect.ts'
import { signal, until } from '../fixtures/until.ts'
import { HandlerWorld } from './handler-world.ts'

/** Notes what happens; an amount in `refused` fails. */
class Diary {
  readonly lines: string[] = []
  readonly refused = new Set<number>()
  keeper(settings: EventHandlerSettings) {
    return defineEventHandler('diary', {
      ...settings,
      handlers: [
        reactTo(deposited, ({ amount }, { isReplay }) => {
          if (this.refused.has(amount)) throw new RangeError(`no to ${amount}`)
          this.lines.push(isReplay ? `${amount} again` : `${amount}`)
        }),
      ],
    })
  }
}

async function fill(world: HandlerWorld, ...amounts: readonly number[]): Promise<bigint> {
  let last = -1n
  for (const amount of amounts) last = await world.append('a-1', deposited.create({ amount }))
  return last
}

describe('a handler that halted on an event', () => {
  async function halted(diary: Diary): Promise<HandlerWorld> {
    const world = new HandlerWorld([diary.keeper({ delivery: 'at-least-once' }), noted], {
      tuning: { leaseMs: 50 },
    })
    diary.refused.add(2)
    await world.handlers.start()
    await fill(world, 1, 2, 3)
    await world.becomes('halted')
    return world
  }

  test('shows which one and why, and has left nothing out', async () => {
    const diary = new Diary()
    await using world = await halted(diary)
    expect(world.status()).toMatchObject({ position: 0n, handled: 1 })
    expect(world.status().event).toMatchObject({ type: 'account.deposited', position: 1n })
    expect((world.status().lastError as Error).message).toBe(
      'Event handler "diary" is halted on "account.deposited" at a-1/1 (position 1): no to 2. Mend the cause and call resume("diary"), or leave the event out with skip("diary", 1n); nothing was left out so far.',
    )
    expect(world.log.lines.at(-1)).toMatchObject({ level: 'error' })
    await expect(world.handlers.waitFor('diary', 2n)).rejects.toMatchObject({
      code: 'EVENT_HANDLER_HALTED',
    })
  })

  test('goes on with it when it is resumed', async () => {
    const diary = new Diary()
    await using world = await halted(diary)
    diary.refused.clear()
    await world.handlers.resume('diary')
    await world.handlers.waitFor('diary', 2n)
    expect(diary.lines).toEqual(['1', '2', '3'])
  })

  test('goes on with the next when that one is skipped', async () => {
    const diary = new Diary()
    await using world = await halted(diary)
    await world.handlers.skip('diary', world.status().event!.position)
    await world.handlers.waitFor('diary', 2n)
    expect(diary.lines).toEqual(['1', '3'])
  })

  test('goes on with the next when that one is skipped in another process', async () => {
    const diary = new Diary()
    await using world = await halted(diary)
    await using other = world.another([diary.keeper({ delivery: 'at-least-once' })])
    await other.handlers.skip('diary', 1n)
    await until(() => world.status().handled === 2)
    expect(diary.lines).toEqual(['1', '3'])
    expect(other.status().state).toBe('stopped')
  })

  test('refuses to skip any other than its next event', async () => {
    const diary = new Diary()
    await using world = await halted(diary)
    expect(await failureOf(() => world.handlers.skip('diary', 2n))).toMatchObject({
      code: 'NOT_THE_NEXT_EVENT',
      message:
        'Event handler "diary" cannot leave out the event at position 2: its next event is "account.deposited" at position 1. Name the position of the next one.',
    })
    diary.refused.clear()
    await world.handlers.resume('diary')
    await world.handlers.waitFor('diary', 2n)
    expect(await failureOf(() => world.handlers.skip('diary', 2n))).toMatchObject({
      next: undefined,
    })
    expect(diary.lines).toEqual(['1', '2', '3'])
  })
})

describe('a handler that is paused', () => {
  test('finishes its event, rests over a restart, and goes on when it is resumed', async () => {
    const diary = new Diary()
    const definitions = [diary.keeper({ delivery: 'at-least-once' })]
    const first = new HandlerWorld(definitions)
    await first.handlers.start()
    await first.handlers.waitFor('diary', await fill(first, 1))
    await first.handlers.pause('diary')
    await first.becomes('paused')
    const last = await fill(first, 2)
    await first.handlers.stop()
    await using second = first.another(definitions)
    await second.handlers.start()
    await second.becomes('paused')
    expect(diary.lines).toEqual(['1'])
    await second.handlers.resume('diary')
    await second.handlers.waitFor('diary', last)
    expect(diary.lines).toEqual(['1', '2'])
  })

  test('rests in the other process that runs it', async () => {
    const diary = new Diary()
    const definitions = [diary.keeper({ delivery: 'at-least-once' })]
    await using running = new HandlerWorld(definitions, { tuning: { leaseMs: 600 } })
    await running.handlers.start()
    await running.handlers.waitFor('diary', await fill(running, 1))
    await using other = running.another(definitions)
    await other.handlers.pause('diary')
    await running.becomes('paused')
    await other.handlers.resume('diary')
    await running.handlers.waitFor('diary', await fill(running, 2))
    expect(diary.lines).toEqual(['1', '2'])
  })
})

describe('a replay', () => {
  test.each(['at-most-once', 'at-least-once', 'idempotent'] as const)(
    'has events handled again from a position, %s, and says so to the handler',
    async (delivery) => {
      const diary = new Diary()
      await using world = new HandlerWorld([diary.keeper({ delivery, onReplay: true })])
      await world.handlers.start()
      await world.handlers.waitFor('diary', await fill(world, 1, 2, 3))
      await world.handlers.replay('diary', { from: 1n })
      const last = await fill(world, 4)
      await world.handlers.waitFor('diary', last)
      expect(diary.lines).toEqual(['1', '2', '3', '2 again', '3 again', '4'])
      await world.handlers.replay('diary', { from: 'beginning' })
      await until(() => diary.lines.length === 10)
      expect(diary.lines.slice(6)).toEqual(['1 again', '2 again', '3 again', '4 again'])
    },
  )

  test('is refused where the handler takes no part in replays', async () => {
    await using world = new HandlerWorld([new Diary().keeper({ delivery: 'idempotent' })])
    await expect(world.handlers.replay('diary', { from: 'beginning' })).rejects.toThrow(
      'Event handler "diary" takes no part in replays, so setting it back would do nothing. Define it with onReplay: true if its effects may happen again.',
    )
  })

  test('by a stored progress that goes back does nothing for such a handler either', async () => {
    const diary = new Diary()
    await using world = new HandlerWorld([diary.keeper({ delivery: 'at-least-once' })], {
      tuning: { leaseMs: 600 },
    })
    await world.handlers.start()
    await world.handlers.waitFor('diary', await fill(world, 1, 2, 3))
    await world.progress.move('diary', undefined)
    await until(() => world.status().passedOver === 3)
    await world.handlers.waitFor('diary', await fill(world, 4))
    expect(diary.lines).toEqual(['1', '2', '3', '4'])
    expect((await world.progress.read('diary'))?.position).toBe(3n)
  })

  test('reaches the process that runs the handler, wherever it was asked for', async () => {
    const diary = new Diary()
    const definitions = [diary.keeper({ delivery: 'at-least-once', onReplay: true })]
    await using running = new HandlerWorld(definitions, { tuning: { leaseMs: 600 } })
    await running.handlers.start()
    await running.handlers.waitFor('diary', await fill(running, 1, 2))
    await using other = running.another(definitions)
    await other.handlers.replay('diary', { from: 1n })
    await until(() => diary.lines.length === 3)
    expect(diary.lines).toEqual(['1', '2', '2 again'])
  })
})

describe('waiting for a handler', () => {
  test('ends with an error when it takes too long', async () => {
    await using world = new HandlerWorld([new Diary().keeper({ delivery: 'at-least-once' })])
    await world.handlers.start()
    await expect(world.handlers.waitFor('diary', 5n, { timeoutMs: 1 })).rejects.toMatchObject({
      code: 'EVENT_HANDLER_LAG',
      wanted: 5n,
      timeoutMs: 1,
    })
  })

  test('at most once waits for the handler and not for what is stored before it', async () => {
    const isAsked = signal()
    const mayEnd = signal()
    const slow = defineEventHandler('slow', {
      delivery: 'at-most-once',
      handlers: [
        reactTo(deposited, async () => {
          isAsked.raise()
          await mayEnd.raised
        }),
      ],
    })
    await using world = new HandlerWorld([slow])
    await world.handlers.start()
    const last = await fill(world, 1)
    await isAsked.raised
    expect((await world.progress.read('slow'))?.position).toBe(last)
    await expect(world.handlers.waitFor('slow', last, { timeoutMs: 1 })).rejects.toThrow('1 ms')
    mayEnd.raise()
    await world.handlers.waitFor('slow', last)
  })

  test('names the handlers that are there where it is asked for another', async () => {
    await using world = new HandlerWorld([new Diary().keeper({ delivery: 'at-least-once' })])
    await expect(world.handlers.waitFor('dairy', 1n)).rejects.toThrow(
      'There is no event handler "dairy"; known: diary.',
    )
  })
})

describe('a stop', () => {
  test('during a command to the handler leaves it stopped', async () => {
    const asked = signal()
    const answer = signal()
    await using world = new HandlerWorld([new Diary().keeper({ delivery: 'at-least-once' })])
    const slow: HandlerProgressStore = around(world.progress, {
      setPaused: async (setPaused, ...args) => {
        asked.raise()
        await answer.raised
        return setPaused(...args)
      },
    })
    await using other = world.another([new Diary().keeper({ delivery: 'at-least-once' })], {
      progress: slow,
      leases: new InMemoryLeaseStore(),
    })
    await other.handlers.start()
    const resuming = other.handlers.resume('diary')
    await asked.raised
    await other.handlers.stop()
    answer.raise()
    await resuming
    expect(other.status().state).toBe('stopped')
  })
})
