import { afterAll, beforeAll, expect, test } from 'vitest'
import { ClientPool } from '../../src/connection/client-pool.ts'
import { clientDriver } from '../../src/client-library/choose-client.ts'
import { clientOpener } from '../../src/connection/open-client.ts'
import { parseConnectionString } from '../../src/connection/parse-connection-string.ts'
import { EventStoreDBEventStore } from '../../src/index.ts'
import { EventReader } from '../../src/read/event-reader.ts'
import { PageReader } from '../../src/read/page-reader.ts'
import { events, freshStream } from '../support/events.ts'
import { useServer } from '../support/server.ts'

let server: Awaited<ReturnType<typeof useServer>>

beforeAll(async () => {
  server = await useServer()
})

afterAll(() => server.close())

test('1000 readers who go early leave no call open', async () => {
  const stream = freshStream()
  const writer = new EventStoreDBEventStore({ connectionString: server.url })
  await writer.append(stream, events(400), { expected: 'no-stream' })
  await writer.close()
  const pool = new ClientPool(clientOpener(parseConnectionString(server.url), clientDriver()), 80)
  const { client, release } = pool.acquire()
  release()
  const calls = (client.calls as unknown as { disposableStreams: Set<unknown> }).disposableStreams
  const reader = new EventReader(
    new PageReader({
      pool,
      address: server.url,
      retry: { budgetMs: 0, firstDelayMs: 0, maxDelayMs: 0 },
      timeoutMs: 5000,
    }),
  )
  let read = 0
  let most = 0
  for (let n = 0; n < 1000; n += 1)
    for await (const batch of reader.readStream(stream)) {
      read += batch.length
      most = Math.max(most, calls.size)
      break
    }
  expect(read).toBeGreaterThanOrEqual(250_000)
  expect(most).toBeGreaterThan(0)
  await expect.poll(() => calls.size).toBe(0)
  expect([pool.size, pool.leases]).toEqual([1, 0])
  await pool.close()
})
