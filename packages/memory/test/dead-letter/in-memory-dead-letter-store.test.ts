import {
  type DeadLetter,
  DeadLetterTooLargeError,
  type DeadLetterState,
  slotOf,
  streamName,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import { InMemoryDeadLetterStore } from '../../src/index.ts'

const consumer = 'balances__v1_1'
const now = new Date('2026-03-01T12:00:00Z')
const clock = { now: () => now }

function letter(key: string, position: bigint, state: DeadLetterState = 'waiting'): DeadLetter {
  return {
    queue: { consumer, model: 'accounts', key },
    slot: slotOf(key),
    state,
    attempts: state === 'dead' ? 6 : 0,
    cause: state === 'dead' ? { name: 'Error', message: 'no such account' } : undefined,
    dueAt: undefined,
    since: new Date(0),
    event: {
      id: `event-${position}`,
      type: 'account.deposited',
      stream: streamName('account', key),
      revision: 0n,
      position,
      data: { amount: 1 },
      metadata: {},
      recordedAt: new Date(0),
    },
  }
}

async function listed(store: InMemoryDeadLetterStore): Promise<readonly string[]> {
  const letters: string[] = []
  for await (const page of store.list({ consumer }))
    letters.push(...page.map(({ queue, event }) => `${queue.key}@${event.position}`))
  return letters
}

describe('a letter that is to be tried again', () => {
  test('is due at the time of the store, with no failed tries and its last cause', async () => {
    const store = new InMemoryDeadLetterStore({ clock })
    await store.put([letter('a1', 1n, 'dead'), letter('a1', 2n)])
    await store.retry({ consumer })
    const [head] = await store.heads({ consumer })
    expect(head).toEqual({
      ...letter('a1', 1n, 'dead'),
      state: 'retrying',
      attempts: 0,
      dueAt: now,
      round: 1,
    })
  })

  test('is the one behind what was discarded', async () => {
    const store = new InMemoryDeadLetterStore({ clock })
    await store.put([letter('a1', 1n, 'dead'), letter('a1', 2n), letter('a1', 3n)])
    await store.discard({ consumer }, 1n)
    const [, next, last] = await store.queue({ consumer, model: 'accounts', key: 'a1' }, 3)
    expect(next).toEqual({ ...letter('a1', 2n), state: 'retrying', dueAt: now, round: 1 })
    expect(last).toEqual(letter('a1', 3n))
  })
})

describe('a list', () => {
  test('has at most a hundred letters a page', async () => {
    const store = new InMemoryDeadLetterStore()
    await store.put(Array.from({ length: 250 }, (_, n) => letter('a1', BigInt(n))))
    const sizes: number[] = []
    for await (const page of store.list({ consumer })) sizes.push(page.length)
    expect(sizes).toEqual([100, 100, 50])
  })

  test('is in the order of code points, as in MongoDB', async () => {
    const store = new InMemoryDeadLetterStore()
    const keys = ['\u{1F600}', 'b', '\uFFFD', 'a', 'B', 'ä']
    await store.put(keys.map((key) => letter(key, 1n)))
    expect(await listed(store)).toEqual(['B@1', 'a@1', 'b@1', 'ä@1', '\uFFFD@1', '\u{1F600}@1'])
  })

  test('goes on with what was there when it began', async () => {
    const store = new InMemoryDeadLetterStore()
    await store.put(Array.from({ length: 101 }, (_, n) => letter('a1', BigInt(n))))
    const seen: bigint[] = []
    for await (const page of store.list({ consumer })) {
      seen.push(...page.map(({ event }) => event.position))
      await store.clear(consumer)
    }
    expect(seen.length).toBe(101)
    expect(await listed(store)).toEqual([])
  })
})

describe('letters put in any order', () => {
  test('stand in the order of their events', async () => {
    const store = new InMemoryDeadLetterStore()
    for (const position of [5n, 1n, 3n, 9n, 2n]) await store.put([letter('a1', position)])
    expect(await listed(store)).toEqual(['a1@1', 'a1@2', 'a1@3', 'a1@5', 'a1@9'])
  })

  test('leave the queue that is read at that moment as it is', async () => {
    const store = new InMemoryDeadLetterStore()
    await store.put([letter('a1', 1n)])
    const queue = { consumer, model: 'accounts', key: 'a1' }
    const before = await store.queue(queue, 10)
    await store.put([letter('a1', 1n, 'dead'), letter('a1', 2n)])
    expect(before).toEqual([letter('a1', 1n)])
  })
})

describe('an event over 16 MiB', () => {
  test.each([
    ['text', 'x'.repeat(16 * 1024 * 1024)],
    ['bytes', new Uint8Array(16 * 1024 * 1024 + 1)],
    ['data', { text: 'ü'.repeat(8 * 1024 * 1024) }],
  ])('is refused with its queue and position, whether it holds %s', async (_, data) => {
    const store = new InMemoryDeadLetterStore()
    const small = letter('a1', 1n)
    const large = { ...letter('a1', 2n), event: { ...letter('a1', 2n).event, data } }
    const error: unknown = await store.put([small, large]).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(DeadLetterTooLargeError)
    expect(error).toMatchObject({ queue: small.queue, position: 2n, maxBytes: 16 * 1024 * 1024 })
    expect(await listed(store)).toEqual([])
  })
})
