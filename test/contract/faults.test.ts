import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { type EventStore, type EventSubscription, streamName } from '@varve/core'
import { FaultProxy, faultScript, SeededRandom, SequentialIds } from '@varve/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventStoreDB, isSelected, type RunningServer } from './servers.ts'

/** `VARVE_SEED` plays a run again. */
const random = new SeededRandom(Number(process.env['VARVE_SEED'] ?? Date.now() % 2 ** 32))
const stream = streamName(`faults${random.seed}`, 'main')

/** Appends one event after another until it is told to stop, and says how many. */
async function appendUntil(store: EventStore, signal: AbortSignal): Promise<number> {
  const ids = new SequentialIds(random.seed)
  for (let n = 0; ; n++) {
    if (signal.aborted) return n
    const event = { id: ids.next(), type: 'numbered', data: { n }, metadata: {} }
    const expected = n === 0 ? 'no-stream' : BigInt(n - 1)
    const { revision } = await store.append(stream, [event], { expected })
    expect(revision).toBe(BigInt(n))
  }
}

/** Follows the stream beside the test. */
async function follow(subscription: EventSubscription, seen: number[]): Promise<void> {
  for await (const { events } of subscription)
    seen.push(...events.map(({ data }) => (data as { n: number }).n))
}

describe.runIf(isSelected('eventstoredb'))('EventStoreDB behind a bad network', () => {
  let server: RunningServer
  let proxy: FaultProxy
  let store: EventStore
  beforeAll(async () => {
    server = await eventStoreDB()
    const port = Number(/:(\d+)/.exec(server.url.replace(/^[^:]+:/, ''))?.[1])
    proxy = await FaultProxy.start({ port })
    const connectionString = server.url.replace(`:${port}`, `:${proxy.port}`)
    store = new EventStoreDBEventStore({ connectionString, timeoutMs: 1000 })
  })
  afterAll(async () => {
    await store.close()
    await proxy.close()
    await server.close()
  })

  test(`records and delivers every event once and in order (seed ${random.seed})`, async () => {
    const seen: number[] = []
    const subscription = store.subscribe({ stream })
    const following = follow(subscription, seen)
    const played = new AbortController()
    const appending = appendUntil(store, played.signal)
    await proxy.play(faultScript(random, { steps: 30, maxPauseMs: 60, maxFaultMs: 120 }))
    played.abort()
    const count = await appending
    expect(count).toBeGreaterThan(20)
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(count), { timeout: 30_000 })
    await subscription.stop()
    await following
    expect(seen).toEqual(Array.from({ length: count }, (_, n) => n))
  })
})
