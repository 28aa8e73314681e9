import { isVarveError, type SubscriptionState } from '@varve/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EventStoreDBEventStore } from '../src/index.ts'
import { library } from './support/client.ts'
import { collect, event, events, followUntil, freshStream, numbers } from './support/events.ts'
import { FaultProxy } from './support/fault-proxy.ts'
import { startServer, type TestServer } from './support/server.ts'

let server: TestServer
let proxy: FaultProxy
let store: EventStoreDBEventStore

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

beforeAll(async () => {
  server = await startServer()
})

afterAll(() => server.close())

beforeEach(async () => {
  proxy = await FaultProxy.start(server.port)
  store = new EventStoreDBEventStore({ ...library, connectionString: proxy.url, timeoutMs: 400 })
})

afterEach(async () => {
  await store.close()
  await proxy.close()
})

describe('an append whose answer is lost', () => {
  test.each(['no-stream', 'any'] as const)('is recorded once, expecting %s', async (expected) => {
    await store.append(freshStream(), [event(0)], { expected: 'any' })
    const stream = freshStream()
    proxy.swallowAnswers()
    const done = await store.append(stream, events(3), { expected })
    const recorded = await collect(store.readStream(stream))
    expect(numbers(recorded)).toEqual([0, 1, 2])
    expect(done).toEqual({ revision: 2n, position: recorded[2]!.position })
  })

  test.each([0n, 'any', 'stream-exists'] as const)(
    'is recorded once after another event, expecting %s',
    async (expected) => {
      const stream = freshStream()
      await store.append(stream, [event(0)], { expected: 'any' })
      proxy.swallowAnswers()
      const done = await store.append(stream, [event(1), event(2)], { expected })
      expect(done.revision).toBe(2n)
      expect(numbers(await collect(store.readStream(stream)))).toEqual([0, 1, 2])
    },
  )

  test('is found where the stream was soft-deleted before', async () => {
    const stream = freshStream()
    await store.append(stream, events(2), { expected: 'any' })
    const metadata = { ...event(0, '$metadata'), data: { $tb: 2 } }
    await store.append(`$$${stream}` as typeof stream, [metadata], { expected: 'any' })
    proxy.swallowAnswers()
    const done = await store.append(stream, [event(7)], { expected: 1n })
    expect(done.revision).toBe(2n)
  })

  test('is refused where another writer was first', async () => {
    const other = new EventStoreDBEventStore({ ...library, connectionString: server.url })
    await store.append(freshStream(), [event(0)], { expected: 'any' })
    const stream = freshStream()
    await other.append(stream, [event(0)], { expected: 'any' })
    proxy.holdAnswers()
    const stale = store.append(stream, [event(1)], { expected: 'no-stream' })
    setTimeout(() => proxy.letAnswersPass(), 600)
    await expect(stale).rejects.toMatchObject({ code: 'WRONG_EXPECTED_REVISION', actual: 0n })
    await other.close()
  })
})

describe('connections that are cut', () => {
  test('lose and double no append of many in flight', async () => {
    const stream = freshStream()
    const appends = events(400).map((one) => store.append(stream, [one], { expected: 'any' }))
    const cutting = setInterval(() => proxy.cut(), 30)
    await Promise.race([Promise.all(appends), new Promise((done) => setTimeout(done, 300))])
    clearInterval(cutting)
    await Promise.all(appends)
    const recorded = numbers(await collect(store.readStream(stream)))
    expect(recorded.toSorted((a, b) => a - b)).toEqual(upTo(400))
  })

  test('leave a read without a gap or a double', async () => {
    const stream = freshStream()
    for (let done = 0; done < 3000; done += 500)
      await store.append(
        stream,
        events(500).map((one, n) => ({ ...one, data: { n: done + n } })),
        { expected: 'any' },
      )
    const read: number[] = []
    let cuts = 0
    for await (const batch of store.readStream(stream)) {
      read.push(...numbers(batch))
      if ((cuts += 1) % 3 === 0) proxy.cut()
    }
    expect(read).toEqual(upTo(3000))
    expect(cuts).toBeGreaterThanOrEqual(3)
  })

  test('do not fail the appends of another store in the process', async () => {
    const other = new EventStoreDBEventStore({
      ...library,
      connectionString: server.url,
      retry: { budgetMs: 0 },
    })
    for (let round = 0; round < 10; round += 1) {
      const mine = events(30).map((one) =>
        store.append(freshStream(), [one], { expected: 'no-stream' }),
      )
      const others = events(30).map((one) =>
        other.append(freshStream(), [one], { expected: 'no-stream' }),
      )
      proxy.cut()
      await Promise.all([...mine, ...others])
    }
    await other.close()
  })
})

describe('a server that is down', () => {
  test('is named, without credentials, once the budget is spent', async () => {
    const nobody = new EventStoreDBEventStore({
      ...library,
      connectionString: 'esdb://admin:changeit@127.0.0.1:1?tls=false',
      retry: { budgetMs: 150 },
    })
    for (const call of [
      () => nobody.append(freshStream(), [event(0)], { expected: 'any' }),
      () => collect(nobody.readStream(freshStream())),
      () => collect(nobody.readAll()),
    ]) {
      const error: unknown = await call().catch((failure: unknown) => failure)
      expect(error).toMatchObject({
        code: 'EVENT_STORE_UNAVAILABLE',
        address: 'esdb://127.0.0.1:1',
      })
      expect(isVarveError(error) && error.message).not.toContain('changeit')
    }
    await nobody.close()
  })

  test('is waited for, and appended to when it is back', async () => {
    const stream = freshStream()
    const own = await startServer()
    const waiting = new EventStoreDBEventStore({ ...library, connectionString: own.url })
    await waiting.append(stream, [event(0)], { expected: 'no-stream' })
    await own.stop()
    const appends = [1, 2, 3].map((n) => waiting.append(stream, [event(n)], { expected: 'any' }))
    const reading = collect(waiting.readStream(stream, { limit: 1 }))
    await own.restart()
    await Promise.all(appends)
    expect(numbers(await reading)).toEqual([0])
    expect(await collect(waiting.readStream(stream))).toHaveLength(4)
    await waiting.close()
    await own.close()
  })

  test('is given up with a cluster address too', async () => {
    const cluster = new EventStoreDBEventStore({
      ...library,
      connectionString: 'esdb://127.0.0.1:1,127.0.0.1:2?tls=false&maxDiscoverAttempts=1',
      retry: { budgetMs: 300 },
    })
    const append = cluster.append(freshStream(), [event(0)], { expected: 'any' })
    await expect(append).rejects.toMatchObject({ code: 'EVENT_STORE_UNAVAILABLE' })
    await cluster.close()
  })
})

describe('a subscription', () => {
  const follow = (
    states: SubscriptionState[] = [],
  ): [stream: ReturnType<typeof freshStream>, ReturnType<typeof store.subscribe>] => {
    const stream = freshStream()
    const onStateChange = (change: { to: SubscriptionState }): void => void states.push(change.to)
    return [stream, store.subscribe({ streamPrefixes: [stream], onStateChange })]
  }

  test('yields each event once and in order although its connection is cut again and again', async () => {
    const writer = new EventStoreDBEventStore({ ...library, connectionString: server.url })
    const [stream, subscription] = follow()
    const cutting = setInterval(() => proxy.cut(), 40)
    const writing = (async () => {
      for (const n of upTo(300)) await writer.append(stream, [event(n)], { expected: 'any' })
    })()
    const received = await followUntil(subscription, (all) => {
      if (all.length > 250) clearInterval(cutting)
      return all.length === 300
    })
    await writing
    expect(numbers(received)).toEqual(upTo(300))
    await writer.close()
  })

  test('resumes on a new connection where the old one went silent', async () => {
    const writer = new EventStoreDBEventStore({ ...library, connectionString: server.url })
    const states: SubscriptionState[] = []
    const [stream, subscription] = follow(states)
    let appended: Promise<unknown> | undefined
    const received = await followUntil(subscription, (all, { isCaughtUp }) => {
      if (isCaughtUp && !appended) {
        proxy.swallowAnswers()
        appended = writer.append(stream, events(3), { expected: 'any' })
      }
      return all.length === 3
    })
    await appended
    expect(numbers(received)).toEqual([0, 1, 2])
    // Where reads have a connection of their own, the silence is first seen as a stall.
    const seen = states.filter((state) => state !== 'stalled')
    expect(seen.slice(0, 4)).toEqual(['catching-up', 'live', 'connecting', 'catching-up'])
    await writer.close()
  })

  test('outlives a restart of the server', async () => {
    const own = await startServer()
    const following = new EventStoreDBEventStore({ ...library, connectionString: own.url })
    const stream = freshStream()
    const subscription = following.subscribe({ stream })
    let restarted: Promise<unknown> | undefined
    const received = await followUntil(subscription, (all, { isCaughtUp }) => {
      if (isCaughtUp)
        restarted ??= (async () => {
          await following.append(stream, [event(0)], { expected: 'any' })
          await own.stop()
          await own.restart()
          await following.append(stream, [event(1)], { expected: 0n })
        })()
      return all.length === 2
    })
    await restarted
    expect(numbers(received)).toEqual([0, 1])
    await following.close()
    await own.close()
  })

  test('stops at once while the server is down', async () => {
    const nobody = new EventStoreDBEventStore({
      ...library,
      connectionString: 'esdb://127.0.0.1:1?tls=false',
    })
    const subscription = nobody.subscribe()
    const following = followUntil(subscription, () => false)
    await subscription.stop()
    expect(await following).toEqual([])
    await nobody.close()
  })
})
