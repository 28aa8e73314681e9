#!/usr/bin/env node
// Why: the development EventStoreDB server must never be what a client waits for.
//
// Measures appends and reads through the real client, the server in a process of its own, on a new data file:
//
//   node test/benchmark/local-eventstoredb.mjs [events]                    # default 50000
//   VARVE_EVENTSTOREDB_URL='esdb://…' node test/benchmark/local-eventstoredb.mjs   # another server
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  EventStoreDBClient,
  eventTypeFilter,
  jsonEvent,
  NO_STREAM,
  START,
} from '@eventstore/db-client'

let appended = 0
let child

if (process.argv[2] === 'serve') await serve(process.argv[3])
else await measure(Number(process.argv[2] ?? 50_000))

async function serve(file) {
  const { runnerImport } = await import('vite')
  const source = fileURLToPath(new URL('../../packages/local/src/', import.meta.url))
  const load = async (path) => (await runnerImport(source + path, { configFile: false })).module
  const { LocalStorage } = await load('storage/local-storage.ts')
  const { startEventStoreDBServer } = await load('eventstoredb/eventstoredb-server.ts')
  const server = await startEventStoreDBServer(LocalStorage.open(file))
  process.send(server.url)
  process.on('message', () => process.send(process.cpuUsage()))
  process.on('disconnect', () => process.exit())
}

async function measure(events) {
  const folder = mkdtempSync(join(tmpdir(), 'varve-benchmark-'))
  child = fork(fileURLToPath(import.meta.url), ['serve', join(folder, 'data.db')])
  const started = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', () => reject(new Error('The server did not start.')))
  })
  const client = EventStoreDBClient.connectionString(process.env.VARVE_EVENTSTOREDB_URL ?? started)
  try {
    await measureAppends(client, events)
    await measureReads(client, events)
  } finally {
    // No dispose: a client whose subscriptions were left with events unread never finishes disposing.
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  process.exit()
}

async function measureAppends(client, events) {
  await append(client, 'warm-up', 500)
  const many = Math.min(events, 20_000)
  await timed('append, one after the other', 2_000, async () => {
    for (let n = 0; n < 2_000; n++) await append(client, 'sequential', 1)
  })
  await timed('append, 100 in flight, 100 streams', many, async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, writer) => {
        for (let n = 0; n < many / 100; n++) await append(client, `account-${writer}`, 1)
      }),
    )
  })
  await timed('append, 100 in flight, a new stream each', many, async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, writer) => {
        for (let n = 0; n < many / 100; n++) {
          await append(client, `order-${writer}.${n}`, 1, { expectedRevision: NO_STREAM })
        }
      }),
    )
  })
  await timed('append, 500 events each', events, async () => {
    for (let n = 0; n < events; n += 500) await append(client, 'large', 500)
  })
}

async function measureReads(client, events) {
  await timed('readStream', events, () => drain(client.readStream('large')))
  await timed('readStream', events, () => drain(client.readStream('large')))
  await timed('readAll', events, () => drain(client.readAll({ maxCount: events })))
  await timed('subscribeToAll', events, async () => {
    const subscription = client.subscribeToAll({ fromPosition: START })
    await drain(subscription, events)
    await subscription.unsubscribe()
  })
  await timed('subscribeToAll, filter that passes all, window 1000', events, async () => {
    const filter = eventTypeFilter({ prefixes: ['Meas'], maxSearchWindow: 1000 })
    const subscription = client.subscribeToAll({ fromPosition: START, filter })
    await drain(subscription, events)
    await subscription.unsubscribe()
  })
  await timed('readStream, 20 events each, one after the other (reads)', 2_000, async () => {
    for (let n = 0; n < 2_000; n++) await drain(client.readStream('large', { maxCount: 20 }))
  })
  await measureScan(client)
}

async function measureScan(client) {
  await append(client, 'rare', 1, {}, 'Rare')
  await timed('scan for the one last event of the log (events scanned)', appended, async () => {
    const filter = eventTypeFilter({ prefixes: ['Rare'], maxSearchWindow: 1000 })
    const subscription = client.subscribeToAll({ fromPosition: START, filter })
    await drain(subscription, 1)
    await subscription.unsubscribe()
  })
}

function append(client, stream, count, options, type = 'Measured') {
  appended += count
  const data = { text: 'x'.repeat(300), number: 42 }
  return client.appendToStream(
    stream,
    Array.from({ length: count }, () => jsonEvent({ type, data })),
    options,
  )
}

async function drain(stream, count = Infinity) {
  let left = count
  for await (const resolved of stream) {
    if (resolved.event === undefined) throw new Error('A link without a target.')
    left -= 1
    if (left === 0) break
  }
}

/** Also tells what each cost the server, which shows who waited for whom. */
async function timed(what, count, run) {
  const cpu = await serverCpu()
  const start = performance.now()
  await run()
  const seconds = (performance.now() - start) / 1000
  const micros = ((await serverCpu()) - cpu) / count
  console.log(`${what}: ${Math.round(count / seconds)}/s, server CPU ${micros.toFixed(1)} µs each`)
}

async function serverCpu() {
  const answer = new Promise((resolve) => child.once('message', resolve))
  child.send('cpu')
  const { user, system } = await answer
  return user + system
}
