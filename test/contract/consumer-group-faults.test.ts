import { type Consumer, type ConsumerGroup, streamName } from '@varve/core'
import { EventStoreDBConsumerGroupStore, EventStoreDBEventStore } from '@varve/eventstoredb'
import { FaultProxy, faultScript, SeededRandom, SequentialIds } from '@varve/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventStoreDB, isSelected, type RunningServer } from './servers.ts'

/** `VARVE_SEED` plays a run again. */
const random = new SeededRandom(Number(process.env['VARVE_SEED'] ?? Date.now() % 2 ** 32))
const stream = streamName(`groups${random.seed}`, 'main')
const group: ConsumerGroup = { name: `faults-${random.seed}`, stream }

describe.runIf(isSelected('eventstoredb'))('consumers behind a bad network', () => {
  let server: RunningServer
  let proxy: FaultProxy
  let events: EventStoreDBEventStore
  let store: EventStoreDBConsumerGroupStore
  beforeAll(async () => {
    server = await eventStoreDB()
    const port = Number(/:(\d+)/.exec(server.url.replace(/^[^:]+:/, ''))?.[1])
    proxy = await FaultProxy.start({ port })
    const connectionString = server.url.replace(`:${port}`, `:${proxy.port}`)
    events = new EventStoreDBEventStore({ connectionString: server.url })
    store = new EventStoreDBConsumerGroupStore({ connectionString, timeoutMs: 1000 })
  })
  afterAll(async () => {
    await Promise.all([store.close(), events.close()])
    await proxy.close()
    await server.close()
  })

  /** Appends one event after another until it is told to stop, and says how many. */
  async function appendUntil(signal: AbortSignal): Promise<number> {
    const ids = new SequentialIds(random.seed)
    for (let n = 0; ; n++) {
      if (signal.aborted) return n
      const event = { id: ids.next(), type: 'numbered', data: { n }, metadata: {} }
      await events.append(stream, [event], { expected: n === 0 ? 'no-stream' : BigInt(n - 1) })
    }
  }

  test(`handle every event at least once, and hear of answers that were lost (seed ${random.seed})`, async () => {
    await store.ensure(group, { startFrom: 'start', maxRetries: 1000, messageTimeoutMs: 2000 })
    const handled = new Set<bigint>()
    const lost: unknown[] = []
    const consume = async (consumer: Consumer): Promise<void> => {
      for await (const delivery of consumer) {
        handled.add(delivery.event.revision)
        await delivery.ack().catch((error: unknown) => lost.push(error))
      }
    }
    const states = new Set<string>()
    const consumers = [1, 2, 3].map(() =>
      store.consume(group, { bufferSize: 5, onStateChange: ({ to }) => states.add(to) }),
    )
    const loops = consumers.map(consume)
    const played = new AbortController()
    const appending = appendUntil(played.signal)
    const kinds = ['cut', 'half-close', 'black-hole', 'refuse'] as const
    await proxy.play(faultScript(random, { steps: 25, maxPauseMs: 60, maxFaultMs: 120, kinds }))
    played.abort()
    const count = await appending
    await vi.waitFor(() => expect(handled.size).toBe(count), { timeout: 60_000 })
    await vi.waitFor(
      async () => {
        const { inFlight, retrying, parked } = (await store.describe(group)) ?? {}
        expect({ inFlight, retrying, parked }).toEqual({ inFlight: 0, retrying: 0, parked: 0 })
      },
      { timeout: 30_000 },
    )
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    await Promise.all(loops)
    expect(count).toBeGreaterThan(20)
    expect(states).toEqual(new Set(['connecting', 'consuming', 'stopped']))
    for (const error of lost) expect(error).toMatchObject({ code: 'DELIVERY_LOST' })
  })
})
