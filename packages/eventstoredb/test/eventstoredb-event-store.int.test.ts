import { EventStoreDBClient } from '@eventstore/db-client'
import { EventStoreClosedError, toStreamName, WrongExpectedRevisionError } from '@varve/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventStoreDBEventStore } from '../src/index.ts'
import { collect, event, events, followUntil, freshStream, numbers } from './support/events.ts'
import { useServer } from './support/server.ts'

let server: Awaited<ReturnType<typeof useServer>>
let store: EventStoreDBEventStore

beforeAll(async () => {
  server = await useServer()
  store = new EventStoreDBEventStore({ connectionString: server.url })
})

afterAll(async () => {
  await store.close()
  await server.close()
})

describe('append', () => {
  test('returns the revision and position of the last event', async () => {
    const stream = freshStream()
    const done = await store.append(stream, events(3), { expected: 'no-stream' })
    const recorded = await collect(store.readStream(stream))
    expect(done).toEqual({ revision: 2n, position: recorded[2]!.position })
  })

  test('stores JSON that every client reads as JSON', async () => {
    const stream = freshStream()
    const sent = {
      id: crypto.randomUUID(),
      type: 'paid',
      data: { owner: 'Ü ß 😀', list: [1, null] },
    }
    await store.append(stream, [{ ...sent, metadata: { actor: 'é' } }], { expected: 'any' })
    const client = EventStoreDBClient.connectionString(server.url)
    for await (const { event: stored } of client.readStream(stream))
      expect(stored).toMatchObject({ ...sent, isJson: true, metadata: { actor: 'é' } })
    await client.dispose()
  })

  test('refuses a stale revision and tells the actual one', async () => {
    const stream = freshStream()
    await store.append(stream, events(2), { expected: 'no-stream' })
    const stale = store.append(stream, [event(9)], { expected: 0n })
    await expect(stale).rejects.toBeInstanceOf(WrongExpectedRevisionError)
    await expect(stale).rejects.toMatchObject({ actual: 1n, expected: 0n, stream })
  })

  test('records the same ids at the same revision once', async () => {
    const stream = freshStream()
    const batch = events(2)
    const first = await store.append(stream, batch, { expected: 'no-stream' })
    await store.append(stream, [event(2)], { expected: 1n })
    const second = await store.append(stream, batch, { expected: 'no-stream' })
    expect(second).toEqual(first)
    expect(await collect(store.readStream(stream))).toHaveLength(3)
  })

  test('names the server limit where a batch is too large', async () => {
    const large = { ...event(0), data: { text: 'x'.repeat(2 * 1024 * 1024) } }
    const append = store.append(freshStream(), [large], { expected: 'any' })
    await expect(append).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE', maxBytes: 1_048_576 })
  })

  test('refuses an event no server takes before it is sent', async () => {
    const huge = { ...event(0), data: { text: 'x'.repeat(17 * 1024 * 1024) } }
    const append = store.append(freshStream(), [huge], { expected: 'any' })
    await expect(append).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' })
  })

  test('lets one of many writers at a revision win', async () => {
    const stream = freshStream()
    const writers = events(20).map((one) => store.append(stream, [one], { expected: 'no-stream' }))
    const outcomes = await Promise.allSettled(writers)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await collect(store.readStream(stream))).toHaveLength(1)
  })
})

describe('readStream', () => {
  const stream = freshStream()

  beforeAll(async () => {
    for (let from = 0; from < 2500; from += 500)
      await store.append(
        stream,
        Array.from({ length: 500 }, (_, n) => event(from + n)),
        { expected: 'any' },
      )
  })

  test('reads several pages forwards without a gap or a double', async () => {
    const read = numbers(await collect(store.readStream(stream)))
    expect(read).toEqual(Array.from({ length: 2500 }, (_, n) => n))
  })

  test('reads several pages backwards without a gap or a double', async () => {
    const read = numbers(await collect(store.readStream(stream, { direction: 'backwards' })))
    expect(read).toEqual(Array.from({ length: 2500 }, (_, n) => 2499 - n))
  })

  test('starts at a revision and stops at the limit', async () => {
    const forwards = store.readStream(stream, { from: 1200n, limit: 1300 })
    expect(numbers(await collect(forwards))).toEqual(
      Array.from({ length: 1300 }, (_, n) => 1200 + n),
    )
    const backwards = store.readStream(stream, { from: 2n, direction: 'backwards', limit: 9 })
    expect(numbers(await collect(backwards))).toEqual([2, 1, 0])
  })

  test('yields nothing for a stream that does not exist', async () => {
    expect(await collect(store.readStream(freshStream()))).toEqual([])
  })

  test('leaves the events of the server out', async () => {
    const client = EventStoreDBClient.connectionString(server.url)
    const linked = freshStream()
    const link = { id: crypto.randomUUID(), contentType: 'application/octet-stream' as const }
    const data = new TextEncoder().encode(`0@${freshStream()}`)
    await client.appendToStream(linked, { ...link, type: '$>', data, metadata: undefined })
    await store.append(linked, [event(1)], { expected: 0n })
    expect(numbers(await collect(store.readStream(linked)))).toEqual([1])
    await client.dispose()
  })
})

describe('readAll', () => {
  test('reads the log forwards and backwards from a position', async () => {
    const stream = freshStream()
    await store.append(stream, events(1500), { expected: 'any' })
    const mine = await collect(store.readStream(stream))
    const of = async (options: object): Promise<number[]> =>
      numbers((await collect(store.readAll(options))).filter((one) => one.stream === stream))
    const forwards = await of({ from: mine[10]!.position })
    expect(forwards).toEqual(Array.from({ length: 1490 }, (_, n) => n + 10))
    const backwards = await of({ from: mine[3]!.position, direction: 'backwards', limit: 3 })
    expect(backwards).toEqual([2, 1, 0])
  })
})

describe('subscribe', () => {
  test('delivers what is there, then what comes, of exactly the types asked for', async () => {
    const type = `a.b+(${crypto.randomUUID()})[x]`
    const stream = freshStream()
    await store.append(stream, [event(0, type), event(1, `${type}2`), event(2, type)], {
      expected: 'any',
    })
    const subscription = store.subscribe({ types: [type] })
    let appended: Promise<unknown> | undefined
    const received = await followUntil(subscription, (all, { isCaughtUp }) => {
      if (isCaughtUp)
        appended ??= store.append(stream, [event(3), event(4, type)], { expected: 'any' })
      return all.length === 3
    })
    await appended
    expect(numbers(received)).toEqual([0, 2, 4])
    expect(subscription.state).toBe('stopped')
  })

  test('resumes after a position', async () => {
    const stream = freshStream()
    await store.append(stream, events(5), { expected: 'any' })
    const [, second] = await collect(store.readStream(stream))
    const subscription = store.subscribe({ streamPrefixes: [stream], after: second!.position })
    expect(numbers(await followUntil(subscription, (all) => all.length === 3))).toEqual([2, 3, 4])
  })

  test('follows one stream by revision', async () => {
    const stream = freshStream()
    await store.append(stream, events(3), { expected: 'any' })
    const subscription = store.subscribe({ stream, afterRevision: 0n })
    expect(numbers(await followUntil(subscription, (_, batch) => batch.isCaughtUp))).toEqual([1, 2])
  })

  test('moves its position where only unrelated events come', async () => {
    const subscription = store.subscribe({ types: ['never.happens'] })
    let target: Promise<{ position: bigint }> | undefined
    let reached: bigint | undefined
    for await (const { position, isCaughtUp, events: none } of subscription) {
      expect(none).toEqual([])
      if (isCaughtUp) target ??= store.append(freshStream(), [event(0)], { expected: 'any' })
      reached = (await target)?.position
      if (reached !== undefined && position !== undefined && position >= reached) break
    }
    expect(reached).toBeTypeOf('bigint')
  })

  test('gives a slow reader everything in order', async () => {
    const stream = freshStream()
    await store.append(stream, events(3000), { expected: 'any' })
    const sizes: number[] = []
    const subscription = store.subscribe({ streamPrefixes: [stream] })
    const received = await followUntil(subscription, (all, batch) => {
      sizes.push(batch.events.length)
      return all.length === 3000
    })
    expect(numbers(received)).toEqual(Array.from({ length: 3000 }, (_, n) => n))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1100)
  })

  test('ends with an error where its stream is deleted for good', async () => {
    const stream = freshStream()
    await store.append(stream, [event(0)], { expected: 'any' })
    const subscription = store.subscribe({ stream })
    const client = EventStoreDBClient.connectionString(server.url)
    let tombstoned: Promise<unknown> | undefined
    const following = followUntil(subscription, (_, { isCaughtUp }) => {
      if (isCaughtUp) tombstoned ??= client.tombstoneStream(stream)
      return false
    })
    await expect(following).rejects.toMatchObject({ code: 'STREAM_DELETED', stream })
    await tombstoned
    await client.dispose()
  })

  test('opens further connections where one cannot carry all subscriptions', async () => {
    const stream = freshStream()
    const subscriptions = Array.from({ length: 120 }, () => store.subscribe({ stream }))
    await store.append(stream, [event(7)], { expected: 'any' })
    const received = await Promise.all(
      subscriptions.map((one) => followUntil(one, (all) => all.length === 1)),
    )
    expect(received.map(numbers)).toEqual(Array.from({ length: 120 }, () => [7]))
    expect(await collect(store.readStream(stream))).toHaveLength(1)
  })

  test('refuses filters that contradict each other', () => {
    expect(() => store.subscribe({ types: ['a'], streamPrefixes: ['b'] })).toThrow(/both "types"/)
    const stream = toStreamName('a-1')
    expect(() => store.subscribe({ stream, after: 1n })).toThrow(/afterRevision/)
  })
})

describe('close', () => {
  test('waits for appends, ends subscriptions and refuses further calls', async () => {
    const closing = new EventStoreDBEventStore({ connectionString: server.url })
    const stream = freshStream()
    const appends = events(50).map((one) => closing.append(stream, [one], { expected: 'any' }))
    const subscription = closing.subscribe()
    const following = followUntil(subscription, () => false)
    await closing.close()
    await Promise.all([...appends, following])
    expect(subscription.state).toBe('stopped')
    expect(await collect(store.readStream(stream))).toHaveLength(50)
    await expect(closing.append(stream, [event(0)], { expected: 'any' })).rejects.toThrow(
      EventStoreClosedError,
    )
    expect(() => closing.readAll()).toThrow(EventStoreClosedError)
    expect(() => closing.subscribe()).toThrow(EventStoreClosedError)
  })
})
