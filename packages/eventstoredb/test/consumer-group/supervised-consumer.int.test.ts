import type { ConsumerStateChange, Delivery, StreamName } from '@varve/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventStoreDBConsumerGroupStore, EventStoreDBEventStore } from '../../src/index.ts'
import { library } from '../support/client.ts'
import { events, freshStream } from '../support/events.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let proxy: FaultProxy
let log: EventStoreDBEventStore
let groups: EventStoreDBConsumerGroupStore
let stream: StreamName

beforeEach(async () => {
  server = await startServer()
  proxy = await FaultProxy.start(server.port)
  log = new EventStoreDBEventStore({ ...library, connectionString: server.url })
  groups = new EventStoreDBConsumerGroupStore({
    ...library,
    connectionString: proxy.url,
    timeoutMs: 500,
  })
  stream = freshStream()
})

afterEach(async () => {
  await Promise.all([groups.close(), log.close()])
  await proxy.close()
  await server.close()
})

/** Consumes beside the test; nothing is answered. */
function consume(changes: ConsumerStateChange[] = []): Delivery[] {
  const deliveries: Delivery[] = []
  const consumer = groups.consume(
    { name: 'workers', stream },
    { onStateChange: (change) => changes.push(change), graceMs: 0 },
  )
  void (async () => {
    for await (const delivery of consumer) deliveries.push(delivery)
  })()
  return deliveries
}

test('a consumer outlives its connection, and answers to what came before it are refused', async () => {
  await groups.ensure({ name: 'workers', stream })
  const changes: ConsumerStateChange[] = []
  const deliveries = consume(changes)
  await log.append(stream, events(2), { expected: 'no-stream' })
  await vi.waitFor(() => expect(deliveries).toHaveLength(2))
  proxy.cut()
  await vi.waitFor(() => expect(deliveries).toHaveLength(4))
  await expect(deliveries[0]?.ack()).rejects.toMatchObject({ code: 'DELIVERY_LOST', revision: 0n })
  await deliveries[2]?.ack()
  expect(deliveries.map(({ retryCount }) => retryCount)).toEqual([0, 0, 1, 1])
  expect(changes.map(({ to }) => to)).toEqual(['consuming', 'connecting', 'consuming'])
  expect(changes[1]?.cause).toBeDefined()
})

test('a consumer outlives a restart of the server, however long it takes', async () => {
  await groups.ensure({ name: 'workers', stream })
  const changes: ConsumerStateChange[] = []
  const deliveries = consume(changes)
  await vi.waitFor(() => expect(changes).toHaveLength(1))
  await server.stop()
  await vi.waitFor(() => expect(changes.at(-1)?.to).toBe('connecting'))
  await server.restart()
  await log.append(stream, events(1), { expected: 'no-stream' })
  await vi.waitFor(() => expect(deliveries).toHaveLength(1), { timeout: 15_000 })
})

test('a connection over which nothing comes any more is noticed', async () => {
  await groups.ensure({ name: 'workers', stream })
  const changes: ConsumerStateChange[] = []
  const deliveries = consume(changes)
  await vi.waitFor(() => expect(changes).toHaveLength(1))
  proxy.swallowAnswers()
  await log.append(stream, events(1), { expected: 'no-stream' })
  await vi.waitFor(() => expect(deliveries).toHaveLength(1), { timeout: 15_000 })
  expect(changes.map(({ to }) => to)).toEqual(['consuming', 'connecting', 'consuming'])
})
