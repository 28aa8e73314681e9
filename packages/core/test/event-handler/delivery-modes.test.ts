import { describe, expect, test, vi } from 'vitest'
import {
  defineEventHandler,
  type DeliveryMode,
  type EventHandlerContext,
  type EventHandlerSettings,
  reactTo,
} from '../../src/index.ts'
import { closed, type Deposited, deposited, noted, opened } from '../fixtures/accounts.ts'
import { HandlerWorld } from './handler-world.ts'

const modes: readonly DeliveryMode[] = ['at-most-once', 'at-least-once', 'idempotent']

/** A handler that notes the amounts it hears of. */
function noting(amounts: number[], settings: EventHandlerSettings) {
  return defineEventHandler('noting', {
    ...settings,
    handlers: [reactTo(deposited, ({ amount }) => amounts.push(amount))],
  })
}

/** A handler that fails at chosen calls, counted from 1. */
function failingAt(calls: readonly number[], seen: string[], settings: EventHandlerSettings) {
  let count = 0
  return defineEventHandler('failing', {
    ...settings,
    handlers: [
      reactTo(deposited, ({ amount }: Deposited, { attempt }: EventHandlerContext) => {
        count += 1
        seen.push(`${amount} try ${attempt}`)
        if (calls.includes(count)) throw new RangeError(`no to ${amount}`)
      }),
    ],
  })
}

describe.each(modes)('%s', (delivery) => {
  test('an event handler hears of the events it asks for, once and in the order of the log', async () => {
    const amounts: number[] = []
    await using world = new HandlerWorld([noting(amounts, { delivery }), opened, noted])
    await world.handlers.start()
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.append('account-a1', deposited.create({ amount: 5 }))
    await world.append('account-a2', deposited.create({ amount: 7 }))
    const last = await world.append('account-a1', noted.create({ text: 'nothing to hear' }))
    await world.handlers.waitFor('noting', last)
    expect(amounts).toEqual([5, 7])
    expect(world.status()).toMatchObject({ state: 'live', handled: 2, lost: 0, position: last })
  })

  test('goes on where it was after a stop', async () => {
    const amounts: number[] = []
    const definitions = [noting(amounts, { delivery })]
    const world = new HandlerWorld(definitions)
    await world.handlers.start()
    await world.handlers.waitFor(
      'noting',
      await world.append('a-1', deposited.create({ amount: 5 })),
    )
    await world.handlers.stop()
    expect(world.status().state).toBe('stopped')
    const last = await world.append('a-1', deposited.create({ amount: 7 }))
    await using next = world.another(definitions)
    await next.handlers.start()
    await next.handlers.waitFor('noting', last)
    expect(amounts).toEqual([5, 7])
  })

  test('waits for what its handler promises before it takes the next event', async () => {
    const seen: string[] = []
    const slow = defineEventHandler('slow', {
      delivery,
      handlers: [
        reactTo(deposited, async ({ amount }) => {
          seen.push(`${amount} begins`)
          await new Promise((resolve) => setImmediate(resolve))
          seen.push(`${amount} ends`)
        }),
      ],
    })
    await using world = new HandlerWorld([slow])
    await world.handlers.start()
    await world.append('a-1', deposited.create({ amount: 1 }))
    const last = await world.append('a-1', deposited.create({ amount: 2 }))
    await world.handlers.waitFor('slow', last)
    expect(seen).toEqual(['1 begins', '1 ends', '2 begins', '2 ends'])
  })
})

test('what a handler does not ask for is behind it too, so that a restart need not look at it again', async () => {
  await using world = new HandlerWorld([noting([], { delivery: 'at-least-once' }), noted])
  await world.handlers.start()
  const last = await world.append('account-a1', noted.create({ text: 'nothing to hear' }))
  await vi.waitFor(async () => {
    expect((await world.progress.read('noting'))?.position).toBe(last)
  })
})

describe('where a handler starts that never ran', () => {
  test('is the end of the log, so that nothing happens for an old log', async () => {
    const amounts: number[] = []
    await using world = new HandlerWorld([noting(amounts, { delivery: 'at-least-once' })])
    await world.append('account-a1', deposited.create({ amount: 5 }))
    await world.handlers.start()
    const last = await world.append('account-a1', deposited.create({ amount: 7 }))
    await world.handlers.waitFor('noting', last)
    expect(amounts).toEqual([7])
  })

  test('is its beginning where it says so', async () => {
    const amounts: number[] = []
    const settings = { delivery: 'at-least-once', startFrom: 'beginning' } as const
    await using world = new HandlerWorld([noting(amounts, settings)])
    const last = await world.append('account-a1', deposited.create({ amount: 5 }))
    await world.handlers.start()
    await world.handlers.waitFor('noting', last)
    expect(amounts).toEqual([5])
  })

  test('is decided once, by the first process', async () => {
    const amounts: number[] = []
    const definitions = [noting(amounts, { delivery: 'at-least-once' })]
    const first = new HandlerWorld(definitions)
    await first.append('account-a1', deposited.create({ amount: 5 }))
    await first.handlers.start()
    await first.handlers.stop()
    const last = await first.append('account-a1', deposited.create({ amount: 7 }))
    await using second = first.another(definitions)
    await second.handlers.start()
    await second.handlers.waitFor('noting', last)
    expect(amounts).toEqual([7])
  })
})

describe('an event that fails', () => {
  test('is tried again at least once, as a whole and with the number of the try', async () => {
    const seen: string[] = []
    const handler = failingAt([2, 3], seen, { delivery: 'at-least-once' })
    await using world = new HandlerWorld([handler], { tuning: { retryDelaysMs: [0, 0] } })
    await world.handlers.start()
    for (const amount of [1, 2, 3]) await world.append('a-1', deposited.create({ amount }))
    await world.handlers.waitFor('failing', 2n)
    expect(seen).toEqual(['1 try 1', '2 try 1', '2 try 2', '2 try 3', '3 try 1'])
    expect(world.status()).toMatchObject({ handled: 3, retries: 2, lost: 0 })
  })

  test('is never tried again at most once, but reported as lost', async () => {
    const seen: string[] = []
    const handler = failingAt([2], seen, { delivery: 'at-most-once' })
    await using world = new HandlerWorld([handler], { tuning: { retryDelaysMs: [0, 0] } })
    await world.handlers.start()
    for (const amount of [1, 2, 3]) await world.append('a-1', deposited.create({ amount }))
    await world.handlers.waitFor('failing', 2n)
    expect(seen).toEqual(['1 try 1', '2 try 1', '3 try 1'])
    expect(world.status()).toMatchObject({ handled: 2, retries: 0, lost: 1 })
    expect(world.log.lines.map(({ level }) => level)).toEqual(['error'])
  })

  test('in every try is left behind and reported where the handler says skip', async () => {
    const seen: string[] = []
    const settings = { delivery: 'idempotent', onError: 'skip' } as const
    await using world = new HandlerWorld([failingAt([1, 2], seen, settings)], {
      tuning: { retryDelaysMs: [0] },
    })
    await world.handlers.start()
    for (const amount of [1, 2]) await world.append('a-1', deposited.create({ amount }))
    await world.handlers.waitFor('failing', 1n)
    expect(seen).toEqual(['1 try 1', '1 try 2', '2 try 1'])
    expect(world.status()).toMatchObject({ handled: 1, lost: 1 })
  })

  test('because it cannot be read halts the handler like any other', async () => {
    await using world = new HandlerWorld([noting([], { delivery: 'at-least-once' }), closed])
    await world.handlers.start()
    const event = { id: crypto.randomUUID(), type: deposited.type, data: [] as never, metadata: {} }
    await world.eventStore.append('a-1' as never, [event], { expected: 'any' })
    await world.becomes('halted')
    expect(world.status().lastError).toMatchObject({ code: 'EVENT_HANDLER_HALTED' })
  })
})

describe('an event whose id is remembered', () => {
  test('is not handled again, and one whose time is over is', async () => {
    const amounts: number[] = []
    await using world = new HandlerWorld([noting(amounts, { delivery: 'idempotent' })])
    await world.handlers.start()
    const ids = [crypto.randomUUID(), crypto.randomUUID()] as const
    await world.handledEvents.remember('noting', ids[0], 60_000)
    await world.handledEvents.remember('noting', ids[1], 0)
    for (const [index, id] of ids.entries()) {
      const event = { ...world.codec.encode(deposited.create({ amount: index })), id, metadata: {} }
      await world.eventStore.append('a-1' as never, [event], { expected: 'any' })
    }
    await world.handlers.waitFor('noting', 1n)
    expect(amounts).toEqual([1])
    expect(world.status()).toMatchObject({ handled: 1, passedOver: 1 })
  })

  test('is so for the window its handler asks for', async () => {
    const windows: number[] = []
    await using world = new HandlerWorld([noting([], { delivery: 'idempotent', windowMs: 1234 })], {
      handledEvents: {
        handled: async () => new Set(),
        remember: async (_consumer, _id, windowMs) => {
          windows.push(windowMs)
        },
      },
    })
    await world.handlers.start()
    await world.handlers.waitFor(
      'noting',
      await world.append('a-1', deposited.create({ amount: 1 })),
    )
    expect(windows).toEqual([1234])
  })
})
