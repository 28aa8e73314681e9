import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventStoreDBEventStore } from '../src/index.ts'
import { library } from './support/client.ts'
import { collect, event, followUntil, freshStream, numbers } from './support/events.ts'
import { ServerProcess } from './support/server-process.ts'

let server: ServerProcess
let store: EventStoreDBEventStore

beforeEach(async () => {
  server = await ServerProcess.start()
  store = new EventStoreDBEventStore({ ...library, connectionString: server.url, timeoutMs: 1500 })
})

afterEach(async () => {
  await store.close()
  await server.close()
})

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** Five writers, a subscription, and something that happens to the server while they work. */
async function workThrough(outage: () => Promise<void>): Promise<void> {
  const streams = upTo(5).map(() => freshStream('outage'))
  const subscription = store.subscribe({ streamPrefixes: ['outage-'] })
  const following = followUntil(subscription, (all) => all.length >= 5 * 200)
  let written = 0
  let isOver: Promise<void> | undefined
  await Promise.all(
    streams.map(async (stream) => {
      for (const n of upTo(200)) {
        const expected = n === 0 ? 'no-stream' : BigInt(n - 1)
        const { revision } = await store.append(stream, [event(n)], { expected })
        expect(revision).toBe(BigInt(n))
        if ((written += 1) === 300) isOver = outage()
      }
    }),
  )
  await isOver
  const received = await following
  for (const stream of streams) {
    expect(numbers(await collect(store.readStream(stream)))).toEqual(upTo(200))
    expect(numbers(received.filter((one) => one.stream === stream))).toEqual(upTo(200))
  }
}

test('a server that is killed and started again loses and doubles nothing', async () => {
  await workThrough(async () => {
    await server.kill()
    await server.start()
  })
})

test('a server that is paused for longer than the timeout loses and doubles nothing', async () => {
  await workThrough(async () => {
    server.pause()
    await new Promise((resolve) => setTimeout(resolve, 3000))
    server.resume()
  })
})
