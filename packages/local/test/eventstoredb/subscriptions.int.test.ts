import {
  type AllStreamSubscription,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  jsonEvent,
  type Position,
  START,
  type StreamSubscription,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  counted,
  type Counted,
  countedFrom,
  type LocalServer,
  startLocalServer,
  take,
  until,
} from './local-server.ts'

describe('catch-up subscriptions of the local EventStoreDB server', () => {
  let local: LocalServer
  let client: EventStoreDBClient
  beforeAll(async () => {
    local = await startLocalServer()
    client = local.client
  })
  afterAll(() => local.close())

  const collect = (subscription: AllStreamSubscription | StreamSubscription): number[] => {
    const seen: number[] = []
    subscription.on('data', ({ event }: { event?: { data: unknown } }) => {
      seen.push((event?.data as Counted['data']).n)
    })
    return seen
  }
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

  it('neither misses nor doubles an event where a subscription goes live under load', async () => {
    await client.appendToStream('load-1', countedFrom(0, 500))
    const subscriptions: StreamSubscription[] = []
    const received: number[][] = []
    for (let n = 500; n < 900; n += 1) {
      if (n % 20 === 0) {
        const subscription = client.subscribeToStream('load-1', { fromRevision: START })
        subscriptions.push(subscription)
        received.push(collect(subscription))
      }
      await client.appendToStream('load-1', counted(n))
    }
    await until(() => received.every((numbers) => numbers.length >= 900))
    for (const numbers of received) expect(numbers).toEqual(upTo(900))
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()))
  })

  it('does the same on $all with a filter', async () => {
    const filter = eventTypeFilter({ prefixes: ['Other'], maxSearchWindow: 7 })
    const at = (await client.appendToStream('filter-1', counted(0))).position as Position
    const subscription = client.subscribeToAll({ fromPosition: at, filter })
    const seen = collect(subscription)
    for (let n = 0; n < 300; n += 1) {
      await client.appendToStream(`filter-${n % 7}`, [counted(n), counted(n, 'Other'), counted(n)])
    }
    await until(() => seen.length >= 300)
    expect(seen).toEqual(upTo(300))
    await subscription.unsubscribe()
  })

  it('delivers many events of nearly a megabyte without resetting the call', async () => {
    const text = 'x'.repeat(900_000)
    for (let n = 0; n < 30; n += 1)
      await client.appendToStream('heavy-1', jsonEvent({ type: 'Heavy', data: { n, text } }))
    const subscription = client.subscribeToStream('heavy-1', { fromRevision: START })
    const seen = collect(subscription)
    await until(() => seen.length >= 30)
    expect(seen).toEqual(upTo(30))
    await subscription.unsubscribe()
  })

  it('resumes from any checkpoint without missing an event', async () => {
    const start = (await client.appendToStream('resume-1', counted(-1))).position as Position
    const others = countedFrom(0, 100).map((event, n) =>
      n % 9 === 0 ? counted(n, 'Other') : event,
    )
    await client.appendToStream('resume-1', others)
    const log: (number | Position)[] = []
    const filter = eventTypeFilter({
      prefixes: ['Other'],
      maxSearchWindow: 4,
      checkpointReached: async (_subscription, position) => {
        log.push(position)
      },
    })
    const subscription = client.subscribeToAll({ fromPosition: start, filter })
    subscription.on('data', ({ event }) => log.push((event?.data as Counted['data']).n))
    await until(() => log.filter((entry) => typeof entry === 'number').length === 12)
    await subscription.unsubscribe()
    const marks = log.flatMap((entry, index) =>
      typeof entry === 'number' ? [] : [{ entry, index }],
    )
    expect(marks.length).toBeGreaterThan(10)
    for (const { entry, index } of marks) {
      const after = log.slice(index).filter((later) => typeof later === 'number')
      if (after.length === 0) continue
      const resumed = client.subscribeToAll({
        fromPosition: entry,
        filter: eventTypeFilter({ prefixes: ['Other'] }),
      })
      const events = await take(resumed, after.length)
      expect(events.map(({ event }) => (event?.data as Counted['data']).n)).toEqual(after)
      await resumed.unsubscribe()
    }
  })

  it('tells a live subscription every event of a stream that keeps only its last', async () => {
    await client.setStreamMetadata('last-1', { maxCount: 1 })
    const subscription = client.subscribeToStream('last-1', { fromRevision: END })
    const seen = collect(subscription)
    await new Promise((resolve) => subscription.once('confirmation', resolve))
    await client.appendToStream('last-1', countedFrom(0, 5))
    await until(() => seen.length === 5)
    expect(seen).toEqual(upTo(5))
    await subscription.unsubscribe()
  })

  it('holds back while a consumer does not read', async () => {
    const text = 'x'.repeat(10_000)
    for (let n = 0; n < 60; n += 1) {
      const batch = countedFrom(n * 50, 50).map((event) => ({
        ...event,
        data: { ...event.data, text },
      }))
      await client.appendToStream('slow-1', batch)
    }
    const before = process.memoryUsage().arrayBuffers
    const subscription = client.subscribeToStream('slow-1')
    await new Promise((resolve) => subscription.once('readable', resolve))
    await client.appendToStream('slow-2', counted(0))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(15_000_000)
    expect(await take(subscription, 3_000)).toHaveLength(3_000)
    await subscription.unsubscribe()
  })

  it('says when a live subscription has fallen behind and caught up again', async () => {
    const log: string[] = []
    const subscription = client.subscribeToStream('behind-1', { fromRevision: END })
    for (const name of ['caughtUp', 'fellBehind'] as const)
      subscription.on(name, () => log.push(name))
    await new Promise((resolve) => subscription.once('caughtUp', resolve))
    subscription.pause()
    const data = 'x'.repeat(1_000)
    for (let n = 0; n < 12; n += 1) {
      const batch = countedFrom(n * 400, 400).map((event) => ({ ...event, data: { n, data } }))
      await client.appendToStream('behind-1', batch)
    }
    let seen = 0
    subscription.on('data', () => {
      seen += 1
    })
    subscription.resume()
    await until(() => seen === 4_800 && log.length === 3)
    expect(log).toEqual(['caughtUp', 'fellBehind', 'caughtUp'])
    await subscription.unsubscribe()
  })

  it('lets the hundred-and-first call of a connection wait, as a real server does', async () => {
    await client.appendToStream('many-1', counted(0))
    const subscriptions = Array.from({ length: 99 }, () => client.subscribeToStream('many-1'))
    await Promise.all(
      subscriptions.map(
        (subscription) => new Promise((resolve) => subscription.once('data', resolve)),
      ),
    )
    let isAnswered = false
    const waiting = take(client.readStream('many-1'), 1).then(() => {
      isAnswered = true
    })
    const another = EventStoreDBClient.connectionString(
      `${local.server.url}&keepAliveInterval=10001`,
    )
    for (let n = 0; n < 10; n += 1) await another.appendToStream('many-2', counted(n))
    expect(isAnswered).toBe(false)
    await subscriptions.pop()?.unsubscribe()
    await waiting
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()))
    await another.dispose()
  })

  it('survives clients that go away at any moment', async () => {
    for (let n = 0; n < 40; n += 1) {
      const leaving = EventStoreDBClient.connectionString(
        `${local.server.url}&keepAliveInterval=${20_000 + n}`,
      )
      const calls = Array.from({ length: 10 }, () => leaving.subscribeToAll())
      for (const call of calls) call.on('error', () => undefined)
      if (n % 2 === 0) await new Promise((resolve) => calls[0]?.once('data', resolve))
      await Promise.all(calls.map((call) => call.unsubscribe()))
    }
    expect(await take(client.readStream('many-1'), 1)).toHaveLength(1)
  })
})
