import { describe, expect, test } from 'vitest'
import {
  type DeadLetter,
  defineEventHandler,
  type DeliveryMode,
  type EventHandlerSettings,
  reactTo,
} from '../../src/index.ts'
import { deposited } from '../fixtures/accounts.ts'
import { signal, until, untilSeen } from '../fixtures/until.ts'
import { HandlerWorld, type HandlerWorldOptions } from './handler-world.ts'

/** Notes what it is sent; an amount in `refused` fails. */
class Outbox {
  readonly sent: string[] = []
  readonly tried: number[] = []
  readonly refused = new Set<number>()
  sender(settings: Partial<EventHandlerSettings> = {}) {
    return defineEventHandler('outbox', {
      delivery: 'at-least-once',
      onError: 'dead-letter',
      ...settings,
      handlers: [
        reactTo(deposited, ({ amount }, { stream, isReplay }) => {
          this.tried.push(amount)
          if (this.refused.has(amount)) throw new RangeError(`no to ${amount}`)
          this.sent.push(`${stream}: ${amount}${isReplay ? ' again' : ''}`)
        }),
      ],
    })
  }
}

async function append(world: HandlerWorld, stream: string, amount: number): Promise<bigint> {
  return world.append(stream, deposited.create({ amount }))
}

async function lettersOf(world: HandlerWorld, key?: string): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = []
  const selection = key === undefined ? {} : { key }
  for await (const page of world.handlers.deadLetters('outbox').list(selection))
    letters.push(...page)
  return letters
}

async function emptied(world: HandlerWorld): Promise<void> {
  await untilSeen(async () => (await world.handlers.deadLetters('outbox').count()) === 0)
}

/** A handler that refused 2, the second of three events of one stream, and then heard of another stream. */
async function started(
  settings: Partial<EventHandlerSettings> = {},
  options: HandlerWorldOptions = {},
): Promise<{ outbox: Outbox; world: HandlerWorld }> {
  const outbox = new Outbox()
  outbox.refused.add(2)
  const world = new HandlerWorld([outbox.sender(settings)], options)
  await world.handlers.start()
  for (const amount of [1, 2, 3]) await append(world, 'a-1', amount)
  const last = await append(world, 'a-2', 4)
  await world.handlers.waitFor('outbox', last)
  return { outbox, world }
}

const modes: readonly DeliveryMode[] = ['at-most-once', 'at-least-once', 'idempotent']

describe.each(modes)('%s: an event that fails', (delivery) => {
  test('goes to dead letters with all later ones of its stream, and the others go on', async () => {
    const { outbox, world } = await started({ delivery })
    await using _world = world
    expect(outbox.sent).toEqual(['a-1: 1', 'a-2: 4'])
    expect(await lettersOf(world)).toMatchObject([
      { event: { position: 1n, data: { amount: 2 } }, state: 'dead', attempts: 1 },
      { event: { position: 2n, data: { amount: 3 } }, state: 'waiting', attempts: 0 },
    ])
    expect(world.status()).toMatchObject({ state: 'live', lost: 0, lettersWritten: 2 })
  })

  test('is kept with its queue and its cause, and told in the log', async () => {
    const { world } = await started({ delivery })
    await using _world = world
    const [letter] = await lettersOf(world)
    expect(letter?.queue).toEqual({
      consumer: 'event-handler:outbox',
      model: undefined,
      key: 'a-1',
    })
    expect(letter?.cause).toMatchObject({ name: 'RangeError', message: 'no to 2' })
    expect(world.log.lines.at(-1)).toMatchObject({ level: 'error' })
  })

  test('is handled when it is retried, then all behind it in order', async () => {
    const { outbox, world } = await started({ delivery })
    await using _world = world
    outbox.refused.clear()
    expect(await world.handlers.deadLetters('outbox').retry({ key: 'a-1' })).toBe(1)
    await emptied(world)
    const last = await append(world, 'a-1', 5)
    await world.handlers.waitFor('outbox', last)
    expect(outbox.sent).toEqual(['a-1: 1', 'a-2: 4', 'a-1: 2', 'a-1: 3', 'a-1: 5'])
    expect(world.status()).toMatchObject({ lettersSettled: 2, handled: 5 })
  })

  test('is never handled once it is discarded, and those behind it are', async () => {
    const { outbox, world } = await started({ delivery })
    await using _world = world
    expect(await world.handlers.deadLetters('outbox').discard({ key: 'a-1' }, 1n)).toBe(1)
    await emptied(world)
    expect(outbox.sent).toEqual(['a-1: 1', 'a-2: 4', 'a-1: 3'])
  })

  test('waits over a restart', async () => {
    const { outbox, world } = await started({ delivery })
    await world.handlers.stop()
    await using heir = world.another([outbox.sender({ delivery })])
    await heir.handlers.start()
    const last = await append(heir, 'a-1', 5)
    await heir.handlers.waitFor('outbox', last)
    expect(outbox.sent).toEqual(['a-1: 1', 'a-2: 4'])
    outbox.refused.clear()
    await heir.handlers.deadLetters('outbox').retry()
    await emptied(heir)
    expect(outbox.sent.slice(2)).toEqual(['a-1: 2', 'a-1: 3', 'a-1: 5'])
  })

  test('is seen by another process that says retry', async () => {
    const { outbox, world } = await started({ delivery })
    await using _world = world
    await using other = world.another([outbox.sender({ delivery })])
    outbox.refused.clear()
    await other.handlers.deadLetters('outbox').retry()
    await emptied(world)
    expect(outbox.sent.slice(2)).toEqual(['a-1: 2', 'a-1: 3'])
  })

  test('halts the handler where there are as many letters as may be, and is not lost', async () => {
    const outbox = new Outbox()
    outbox.refused.add(1).add(2)
    await using world = new HandlerWorld([outbox.sender({ delivery })], {
      tuning: { maxDeadLetters: 1, leaseMs: 50 },
    })
    await world.handlers.start()
    await append(world, 'a-1', 1)
    const last = await append(world, 'a-2', 2)
    await world.becomes('halted')
    expect((world.status().lastError as Error).cause).toMatchObject({
      code: 'HANDLER_LETTER_LIMIT',
    })
    outbox.refused.clear()
    await world.handlers.deadLetters('outbox').retry()
    await world.handlers.resume('outbox')
    await emptied(world)
    await world.handlers.waitFor('outbox', last)
    expect(outbox.sent.toSorted()).toEqual(['a-1: 1', 'a-2: 2'])
  })
})

describe.each<DeliveryMode>(['at-least-once', 'idempotent'])('%s: a dead letter', (delivery) => {
  test('is tried again after each delay while the others go on', async () => {
    const { outbox, world } = await started(
      { delivery },
      { tuning: { retryDelaysMs: [1, 1, 60_000] } },
    )
    await using _world = world
    await until(() => outbox.tried.filter((amount) => amount === 2).length === 3)
    const last = await append(world, 'a-2', 5)
    await world.handlers.waitFor('outbox', last)
    expect(outbox.sent).toEqual(['a-1: 1', 'a-2: 4', 'a-2: 5'])
    await untilSeen(async () => (await lettersOf(world))[0]?.attempts === 3)
    expect((await lettersOf(world))[0]).toMatchObject({ state: 'retrying' })
    outbox.refused.clear()
    await world.handlers.deadLetters('outbox').retry()
    await emptied(world)
    expect(outbox.sent.slice(3)).toEqual(['a-1: 2', 'a-1: 3'])
  })

  test('of a replay is told to be one when it is retried', async () => {
    const outbox = new Outbox()
    await using world = new HandlerWorld([outbox.sender({ delivery, onReplay: true })])
    await world.handlers.start()
    const last = await append(world, 'a-1', 1)
    await world.handlers.waitFor('outbox', last)
    outbox.refused.add(1)
    await world.handlers.replay('outbox', { from: 'beginning' })
    await untilSeen(async () => (await world.handlers.deadLetters('outbox').count()) === 1)
    outbox.refused.clear()
    await world.handlers.deadLetters('outbox').retry()
    await emptied(world)
    expect(outbox.sent).toEqual(['a-1: 1', 'a-1: 1 again'])
  })

  test('behind one that fails again stays there', async () => {
    const { outbox, world } = await started({ delivery })
    await using _world = world
    await world.handlers.deadLetters('outbox').retry()
    await until(() => outbox.tried.filter((amount) => amount === 2).length === 2)
    await untilSeen(async () => (await lettersOf(world))[0]?.state === 'dead')
    expect(outbox.tried).not.toContain(3)
    expect(await world.handlers.deadLetters('outbox').count({ key: 'a-1' })).toBe(2)
    expect(await world.handlers.deadLetters('outbox').count({ key: 'a-2' })).toBe(0)
  })
})

test('at most once: a letter that fails again is not tried until somebody says so', async () => {
  const { outbox, world } = await started(
    { delivery: 'at-most-once' },
    { tuning: { retryDelaysMs: [1] } },
  )
  await using _world = world
  await world.handlers.deadLetters('outbox').retry()
  await until(() => outbox.tried.filter((amount) => amount === 2).length === 2)
  await untilSeen(async () => (await lettersOf(world))[0]?.state === 'dead')
  expect((await lettersOf(world))[0]).toMatchObject({ cause: { message: 'no to 2' } })
})

test('letters are tried, and their streams held, after the policy was changed to another', async () => {
  const { outbox, world } = await started()
  await world.handlers.stop()
  await using heir = world.another([outbox.sender({ onError: 'halt' })])
  await heir.handlers.start()
  const last = await append(heir, 'a-1', 5)
  await heir.handlers.waitFor('outbox', last)
  outbox.refused.clear()
  await heir.handlers.deadLetters('outbox').retry()
  await emptied(heir)
  expect(outbox.sent.slice(2)).toEqual(['a-1: 2', 'a-1: 3', 'a-1: 5'])
})

test('a process that lost the handler in a call that fails holds no stream of the one that took over', async () => {
  const called = signal()
  const answer = signal()
  let calls = 0
  const slow = defineEventHandler('outbox', {
    delivery: 'at-least-once',
    onError: 'dead-letter',
    handlers: [
      reactTo(deposited, async () => {
        calls += 1
        if (calls > 1) return
        called.raise()
        await answer.raised
        throw new RangeError('too late')
      }),
    ],
  })
  await using world = new HandlerWorld([slow])
  await world.handlers.start()
  const last = await append(world, 'a-1', 1)
  await called.raised
  await world.progress.take('outbox')
  answer.raise()
  await world.handlers.waitFor('outbox', last)
  expect(calls).toBe(2)
  expect(world.status()).toMatchObject({ handled: 1, lettersWritten: 0 })
})
