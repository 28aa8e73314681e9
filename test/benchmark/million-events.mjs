// A million events in one stream: what reading them costs in memory, on both sides, and how long the local server
// takes to open the file they are in. Takes about two minutes.
//   node test/benchmark/million-events.mjs [events]      # default 1000000
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { EventStoreDBClient } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { seed } from './seed.mjs'

const events = Number(process.argv[2] ?? 1_000_000)
const command = fileURLToPath(new URL('../../packages/varve/bin/varve.js', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'varve-million-'))

const filling = await startServer()
const client = EventStoreDBClient.connectionString(filling.url)
await seed(client, { events, streams: 1, prefix: 'million' })
await client.dispose()
await filling.stop()

const startedAt = performance.now()
const server = await startServer()
const eventStore = new EventStoreDBEventStore({ connectionString: server.url })
for await (const _ of eventStore.readStream('account-million-0', { limit: 1 })) break
const openMs = Math.round(performance.now() - startedAt)
console.log(
  `${events.toLocaleString('en')} events: process started, file opened, first event read in ${openMs} ms`,
)
await measure('readStream', () => drain(eventStore.readStream('account-million-0')))
await measure('readAll', () => drain(eventStore.readAll()))
await measure('subscribe', () => drainSubscription(eventStore.subscribe()))
await eventStore.close()
await server.stop()
rmSync(data, { recursive: true })

/** The first tenth warms up: memory is compared from there on. */
async function measure(what, read) {
  const start = performance.now()
  const memory = { client: [], server: [] }
  let count = 0
  let next = events / 10
  for await (const size of read()) {
    count += size
    if (count < next) continue
    next += events / 10
    memory.client.push(process.memoryUsage().rss)
    memory.server.push(residentBytes(server.pid))
  }
  const rate = Math.round((count * 1000) / (performance.now() - start))
  console.log(
    `${what}: ${count.toLocaleString('en')} events at ${rate.toLocaleString('en')}/s; memory ` +
      `of the client ${growth(memory.client)}, of the server ${growth(memory.server)}`,
  )
}

function growth(samples) {
  const inMegabytes = (bytes) => Math.round(bytes / 1024 / 1024)
  return `${inMegabytes(samples[0])} MB after a tenth, ${inMegabytes(Math.max(...samples))} MB at most`
}

async function* drain(batches) {
  for await (const batch of batches) yield batch.length
}

async function* drainSubscription(subscription) {
  let count = 0
  for await (const batch of subscription) {
    yield batch.events.length
    count += batch.events.length
    if (count >= events) return
  }
}

function residentBytes(pid) {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024
}

async function startServer() {
  const args = ['dev', '--port-eventstoredb', '0', '--port-mongodb', '0', '--data', data]
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let url
  for await (const line of createInterface(child.stdout)) {
    url = /esdb:\/\/\S+/.exec(line)?.[0]
    if (url) break
  }
  child.stdout.resume()
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { url, pid: child.pid, stop }
}
