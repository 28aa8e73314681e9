import { describe, expect, test } from 'vitest'
import type { EventSubscription, RecordedEvent, SubscriptionBatch } from '../../../src/index.ts'
import { BatchIntake } from '../../../src/projection/follow/batch-intake.ts'
import { signal, until } from '../../fixtures/until.ts'

/** A subscription whose batches come one by one, each when the last one was taken. */
class Feed implements EventSubscription {
  readonly state = 'live'
  yielded = 0
  #isStopped = false
  readonly #batches: SubscriptionBatch[]
  readonly #end: Promise<void> | undefined

  /** @param end What happens after the last batch; undefined: it ends. */
  constructor(batches: SubscriptionBatch[], end?: Promise<void>) {
    this.#batches = batches
    this.#end = end
  }

  async stop(): Promise<void> {
    this.#isStopped = true
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SubscriptionBatch, undefined> {
    for (const batch of this.#batches) {
      if (this.#isStopped) return
      this.yielded += 1
      yield batch
    }
    await this.#end
  }
}

function batch(from: number, to: number, isCaughtUp = false): SubscriptionBatch {
  const events = Array.from({ length: to - from }, (_, index) => ({
    position: BigInt(from + index),
  }))
  return { events: events as RecordedEvent[], position: BigInt(to - 1), isCaughtUp }
}

function shape(taken: SubscriptionBatch | undefined): unknown {
  return (
    taken && [
      taken.events.map(({ position }) => Number(position)),
      taken.position,
      taken.isCaughtUp,
    ]
  )
}

async function takeAll(intake: BatchIntake): Promise<unknown[]> {
  const all: unknown[] = []
  for (let taken = await intake.next(); taken; taken = await intake.next()) all.push(shape(taken))
  return all
}

describe('an intake', () => {
  test('hands out what came in meanwhile as one batch', async () => {
    const feed = new Feed([batch(0, 2), batch(2, 3), batch(3, 4, true)])
    const intake = new BatchIntake(feed, 10)
    await until(() => feed.yielded === 3)
    expect(await takeAll(intake)).toEqual([[[0, 1, 2, 3], 3n, true]])
    await intake.close()
  })

  test('keeps whole batches together up to the limit', async () => {
    const feed = new Feed([batch(0, 2), batch(2, 4), batch(4, 6, true)])
    const intake = new BatchIntake(feed, 5)
    await until(() => feed.yielded === 3)
    expect(await takeAll(intake)).toEqual([
      [[0, 1, 2, 3], 3n, false],
      [[4, 5], 5n, true],
    ])
  })

  test('cuts a batch over the limit, and is caught up with its last part only', async () => {
    const intake = new BatchIntake(new Feed([batch(0, 7, true)]), 3)
    expect(await takeAll(intake)).toEqual([
      [[0, 1, 2], 2n, false],
      [[3, 4, 5], 5n, false],
      [[6], 6n, true],
    ])
  })

  test('ends a part at the position of its batch, which may be behind its last event', async () => {
    const behind = { ...batch(0, 3, true), position: 99n }
    expect(await takeAll(new BatchIntake(new Feed([behind]), 3))).toEqual([[[0, 1, 2], 99n, true]])
  })

  test('passes on batches without events, which only move the position', async () => {
    const empty = { events: [], position: 5n, isCaughtUp: true }
    expect(await takeAll(new BatchIntake(new Feed([empty]), 3))).toEqual([[[], 5n, true]])
  })

  test('reads ahead at most twice its limit, and on when something is taken', async () => {
    const feed = new Feed(Array.from({ length: 50 }, (_, index) => batch(index * 2, index * 2 + 2)))
    const intake = new BatchIntake(feed, 4)
    await until(() => feed.yielded === 4)
    await new Promise((resolve) => setImmediate(resolve))
    expect(feed.yielded).toBe(4)
    await intake.next()
    await until(() => feed.yielded === 6)
    const rest = (await takeAll(intake)) as [number[]][]
    expect(rest.flatMap(([positions]) => positions)).toEqual(
      Array.from({ length: 96 }, (_, index) => index + 4),
    )
  })

  test('hands out what it has before the failure of its subscription', async () => {
    const gone = Promise.reject(new TypeError('connection lost'))
    const intake = new BatchIntake(new Feed([batch(0, 1)], gone), 3)
    expect(shape(await intake.next())).toEqual([[0], 0n, false])
    await expect(intake.next()).rejects.toThrow('connection lost')
    await intake.close()
  })

  test('that is closed while it waits, or while it is full, ends', async () => {
    const never = signal()
    const waiting = new BatchIntake(new Feed([], never.raised), 3)
    const next = waiting.next()
    never.raise()
    await waiting.close()
    expect(await next).toBeUndefined()
    const full = new BatchIntake(new Feed([batch(0, 9), batch(9, 12)]), 3)
    await full.close()
  })
})
