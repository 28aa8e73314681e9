import { describe, expect, test } from 'vitest'
import {
  createSingletonResolver,
  defineEventHandler,
  type EventHandlerContext,
  type EventMetadata,
  type HandlerScope,
  reactTo,
} from '../../src/index.ts'
import { defineAccount, deposit, deposited, note, noted } from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { signal, until } from '../fixtures/until.ts'
import { HandlerWorld } from './handler-world.ts'

const account = [defineAccount(), noted] as const

function acting(act: (context: EventHandlerContext, amount: number) => unknown) {
  return defineEventHandler('acting', {
    delivery: 'at-least-once',
    handlers: [reactTo(deposited, ({ amount }, context) => act(context, amount))],
  })
}

/** Has a handler act on one event, and returns the metadata of what its commands made in a stream. */
async function metadataOf(
  stream: string,
  act: (context: EventHandlerContext) => unknown,
  metadata: EventMetadata = {},
): Promise<{ readonly cause: string; readonly made: readonly EventMetadata[] }> {
  await using world = new HandlerWorld([
    ...account,
    acting((context) => context.aggregateId === 'a1' && act(context)),
  ])
  await world.handlers.start()
  const last = await world.append('account-a1', deposited.create({ amount: 5 }), metadata)
  await world.handlers.waitFor('acting', last)
  const [cause] = await eventsOf(world.eventStore, 'account-a1')
  const made = await eventsOf(world.eventStore, stream)
  return { cause: cause!.id, made: made.map((event) => event.metadata) }
}

describe('a command that a handler executes', () => {
  test('is caused by the event, and of its correlation, tenant and trace', async () => {
    const { cause, made } = await metadataOf(
      'account-log',
      ({ execute }) => execute(note, { id: 'log', text: 'came in' }),
      { $correlationId: 'c-1', tenant: 't-1', traceparent: '00-1', actor: 'ada' },
    )
    expect(made).toEqual([
      {
        $correlationId: 'c-1',
        $causationId: cause,
        tenant: 't-1',
        traceparent: '00-1',
        commandId: `acting:${cause}:account.note:log:0`,
        commandType: 'account.note',
        schemaVersion: 1,
      },
    ])
  })

  test('starts a correlation with the event where that has none', async () => {
    const { cause, made } = await metadataOf('account-log', ({ execute }) =>
      execute(note, { id: 'log', text: 'came in' }),
    )
    expect(made[0]).toMatchObject({ $correlationId: cause })
  })

  test('has an id of its own for each command type, aggregate and repetition', async () => {
    const { cause, made } = await metadataOf('account-log', async ({ execute }) => {
      await execute(note, { id: 'other', text: '' })
      await execute(deposit, { id: 'log', amounts: [1] })
      await execute(note, { id: 'log', text: 'first' })
      await execute(note, { id: 'log', text: 'second' })
      await execute(note, { id: 'log', text: 'named' }, { id: 'mine', actor: 'bob' })
    })
    expect(made.map(({ commandId }) => commandId)).toEqual([
      `acting:${cause}:account.deposit:log:0`,
      `acting:${cause}:account.note:log:0`,
      `acting:${cause}:account.note:log:1`,
      'mine',
    ])
    expect(made.at(-1)).toMatchObject({ actor: 'bob', $causationId: cause })
  })

  test('that names no aggregate is refused by the bus', async () => {
    const codes: unknown[] = []
    const handler = acting(async ({ execute }) => {
      await execute(note, undefined as never).catch((error: unknown) => codes.push(error))
    })
    await using world = new HandlerWorld([...account, handler])
    await world.handlers.start()
    await world.handlers.waitFor(
      'acting',
      await world.append('a-1', deposited.create({ amount: 1 })),
    )
    expect(codes).toEqual([expect.objectContaining({ code: 'INVALID_MESSAGE' })])
  })
})

test('a handler knows where the event comes from, and a key that names this delivery', async () => {
  const contexts: EventHandlerContext[] = []
  await using world = new HandlerWorld([...account, acting((context) => contexts.push(context))])
  await world.handlers.start()
  const last = await world.append('account-a1', deposited.create({ amount: 5 }))
  await world.handlers.waitFor('acting', last)
  const [event] = await eventsOf(world.eventStore, 'account-a1')
  const [context] = contexts
  expect(context).toMatchObject({
    handler: 'acting',
    attempt: 1,
    isReplay: false,
    aggregateId: 'a1',
    eventId: event!.id,
    idempotencyKey: `acting:${event!.id}`,
    type: 'account.deposited',
    position: last,
  })
})

describe('each call of a handler has a scope of its own, which is closed', () => {
  test.each([
    ['when it succeeds', []],
    ['when it fails', [1]],
  ])('%s', async (_when, failing) => {
    const scopes: string[] = []
    const inner = createSingletonResolver().open()
    let count = 0
    const resolver = {
      open: (): HandlerScope => {
        const number = (count += 1)
        scopes.push(`open ${number}`)
        return {
          resolve: (type) => inner.resolve(type),
          close: async () => void scopes.push(`close ${number}`),
        }
      },
    }
    const handler = acting((_context, amount) => {
      if (failing.some((one) => one === amount)) throw new RangeError('no')
    })
    await using world = new HandlerWorld([...account, handler], {
      resolver,
      tuning: { retryDelaysMs: [0] },
    })
    await world.handlers.start()
    await world.append('a-1', deposited.create({ amount: 1 }))
    await until(() => scopes.length === 2 * (failing.length + 1))
    expect(scopes.slice(0, 2)).toEqual(['open 1', 'close 1'])
    expect(scopes.at(-1)).toBe(`close ${failing.length + 1}`)
  })
})

describe('a call that takes too long', () => {
  test('is told so by its signal, and counts as failed', async () => {
    const reasons: unknown[] = []
    const hanging = defineEventHandler('hanging', {
      delivery: 'at-least-once',
      timeoutMs: 5,
      handlers: [
        reactTo(deposited, (_event, context: EventHandlerContext) => {
          context.signal.addEventListener('abort', () => reasons.push(context.signal.reason))
          return new Promise(() => undefined)
        }),
      ],
    })
    await using world = new HandlerWorld([hanging])
    await world.handlers.start()
    await world.append('a-1', deposited.create({ amount: 1 }))
    await world.becomes('halted')
    expect(reasons).toEqual([expect.objectContaining({ code: 'EVENT_HANDLER_TIMEOUT' })])
    expect((world.status().lastError as Error).message).toContain(
      'The call took longer than 5 ms. Pass context.signal to what it waits for, or raise timeoutMs of event handler "hanging".',
    )
  })

  test('may take for ever where the handler says so', async () => {
    const mayEnd = signal()
    const patient = defineEventHandler('patient', {
      delivery: 'at-least-once',
      timeoutMs: Infinity,
      handlers: [reactTo(deposited, () => mayEnd.raised)],
    })
    await using world = new HandlerWorld([patient])
    await world.handlers.start()
    const last = await world.append('a-1', deposited.create({ amount: 1 }))
    await until(() => world.status().event !== undefined)
    mayEnd.raise()
    await world.handlers.waitFor('patient', last)
    expect(world.status()).toMatchObject({ handled: 1, retries: 0 })
  })
})

describe('a stop while a handler is called', () => {
  async function stopDuring(
    act: (context: EventHandlerContext) => Promise<unknown>,
    graceMs: number,
  ): Promise<HandlerWorld> {
    const isCalled = signal()
    const handler = acting((context) => {
      isCalled.raise()
      return act(context)
    })
    const world = new HandlerWorld([...account, handler], { tuning: { graceMs } })
    await world.handlers.start()
    await world.append('a-1', deposited.create({ amount: 1 }))
    await isCalled.raised
    await world.handlers.stop()
    return world
  }
  const stopped = (context: EventHandlerContext): Promise<void> =>
    new Promise((resolve) => context.signal.addEventListener('abort', () => resolve()))

  test('waits for it to end, and counts what it did', async () => {
    const world = await stopDuring(stopped, 60_000)
    expect(world.status()).toMatchObject({ state: 'stopped', handled: 1 })
    expect((await world.progress.read('acting'))?.position).toBe(0n)
  })

  test('counts a call that throws then as not made, and not as a failure', async () => {
    const world = await stopDuring(async (context) => {
      await stopped(context)
      throw new RangeError('stopped')
    }, 60_000)
    expect(world.status()).toMatchObject({ handled: 0, lost: 0, lastError: undefined })
    expect((await world.progress.read('acting'))?.position).toBeUndefined()
  })

  test('waits no longer than the grace time', async () => {
    const world = await stopDuring(() => new Promise(() => undefined), 1)
    expect(world.status()).toMatchObject({ state: 'stopped', handled: 0 })
    expect((await world.progress.read('acting'))?.position).toBeUndefined()
  })
})
