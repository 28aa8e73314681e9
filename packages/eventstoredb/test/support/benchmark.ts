// Measures the adapter against the raw client, one after the other in one process:
//   node --conditions=@varve/source --import ./test/support/run-typescript.mjs test/support/benchmark.ts <url>
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client'
import { type EventToAppend, type StreamName, toStreamName } from '@varve/core'
import { EventStoreDBEventStore } from '../../src/index.ts'

const [, , url = 'esdb://127.0.0.1:2113?tls=false', only = ''] = process.argv
const client = EventStoreDBClient.connectionString(url)
const store = new EventStoreDBEventStore({ connectionString: url })
const data = { account: 'a-1234567890', amount: 12.5, note: 'x'.repeat(40) }
const metadata = { $correlationId: randomUUID(), $causationId: randomUUID() }
const made = (): EventToAppend => ({ id: randomUUID(), type: 'measured', data, metadata })
const fresh = (): StreamName => toStreamName(`measured-${randomUUID()}`)

type Work = () => Promise<number>

async function compare(name: string, raw: Work, adapter: Work, rounds: number): Promise<void> {
  if (!name.startsWith(only)) return
  const best = { raw: 0, adapter: 0 }
  const ratios: number[] = []
  const cpuRatios: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? (['raw', 'adapter'] as const) : (['adapter', 'raw'] as const)
    const rates = { raw: 0, adapter: 0 }
    const cpu = { raw: 0, adapter: 0 }
    for (const side of order) {
      const start = performance.now()
      const before = process.cpuUsage()
      const count = await (side === 'raw' ? raw : adapter)()
      rates[side] = (count / (performance.now() - start)) * 1000
      const { user, system } = process.cpuUsage(before)
      cpu[side] = user + system
    }
    if (round === 0) continue
    cpuRatios.push(cpu.raw / cpu.adapter)
    best.raw = Math.max(best.raw, rates.raw)
    best.adapter = Math.max(best.adapter, rates.adapter)
    ratios.push(rates.adapter / rates.raw)
  }
  const median = (values: number[]): string =>
    (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(3)
  const rate = (value: number): string => Math.round(value).toString().padStart(7)
  console.log(
    `${name.padEnd(24)} raw ${rate(best.raw)}/s  adapter ${rate(best.adapter)}/s  best ${(best.adapter / best.raw).toFixed(3)}  median ${median(ratios)}  by CPU time ${median(cpuRatios)}`,
  )
}

async function lanes(count: number, width: number, work: () => Promise<unknown>): Promise<number> {
  let left = count
  const lane = async (): Promise<void> => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: width }, lane))
  return count
}

const rawAppend = (events: number) => () =>
  client.appendToStream(
    fresh(),
    Array.from({ length: events }, () => jsonEvent(made() as Parameters<typeof jsonEvent>[0])),
    { expectedRevision: 'no_stream' },
  )
const adapterAppend = (events: number) => () =>
  store.append(fresh(), Array.from({ length: events }, made), { expected: 'no-stream' })

await compare(
  'append sequential',
  () => lanes(1000, 1, rawAppend(1)),
  () => lanes(1000, 1, adapterAppend(1)),
  7,
)
await compare(
  'append 100 in flight',
  () => lanes(4000, 100, rawAppend(1)),
  () => lanes(4000, 100, adapterAppend(1)),
  7,
)
await compare(
  'append 500 per call',
  async () => 500 * (await lanes(20, 1, rawAppend(500))),
  async () => 500 * (await lanes(20, 1, adapterAppend(500))),
  7,
)

const long = fresh()
for (let done = 0; done < 20_000; done += 1000)
  await store.append(long, Array.from({ length: 1000 }, made), { expected: 'any' })

async function rawRead(count: number): Promise<number> {
  let read = 0
  for await (const { event } of client.readStream(long, { maxCount: count })) if (event) read += 1
  return read
}
async function adapterRead(limit: number): Promise<number> {
  let read = 0
  for await (const batch of store.readStream(long, { limit })) read += batch.length
  return read
}
await compare(
  'read 20000',
  () => rawRead(20_000),
  () => adapterRead(20_000),
  9,
)
await compare(
  'read 20, 200 times',
  () => lanes(200, 1, () => rawRead(20)),
  () => lanes(200, 1, () => adapterRead(20)),
  7,
)

async function rawSubscribe(): Promise<number> {
  let received = 0
  const filter = streamNameFilter({ prefixes: [long], maxSearchWindow: 1000 })
  const subscription = client.subscribeToAll({ filter })
  for await (const { event } of subscription) {
    if (event) received += 1
    if (received === 20_000) break
  }
  await subscription.unsubscribe()
  return received
}
async function adapterSubscribe(): Promise<number> {
  let received = 0
  for await (const { events } of store.subscribe({ streamPrefixes: [long] })) {
    received += events.length
    if (received >= 20_000) break
  }
  return received
}
await compare('subscribe 20000', rawSubscribe, adapterSubscribe, 9)
await store.close()
await client.dispose()
