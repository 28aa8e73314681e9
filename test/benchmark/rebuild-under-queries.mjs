// A rebuild of three read models while another process asks 200 queries a second and events go on arriving: how fast it
// is against reading alone, what it does to the queries, and that none of them fails or sees anything older than before.
// Longer: VARVE_REBUILD_EVENTS=500000 npm run benchmark -- --only rebuild-under
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { EventStoreDBClient, eventTypeFilter, jsonEvent } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import { compare } from './measure.mjs'
import { projectionNames, projectionsOf } from './rebuilt-projections.mjs'
import { seed } from './seed.mjs'
import { wire } from './wiring.mjs'

const events = Number(process.env.VARVE_REBUILD_EVENTS ?? 50_000)
const partitions = Number(process.env.VARVE_REBUILD_PARTITIONS ?? 1)
const batch = Number(process.env.VARVE_REBUILD_BATCH ?? 2_000)
const streams = 1_000
const idleMs = 5_000
const reader = fileURLToPath(new URL('rebuild-reader.mjs', import.meta.url))

export async function measure({ eventStoreUrl, mongoUrl }) {
  const suffix = randomUUID().slice(0, 8)
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const url = new URL(mongoUrl)
  url.pathname = `/rebuild_${suffix}`
  const connection = new MongoConnection({ url: url.href })
  const ports = {
    eventStore,
    readModels: new MongoReadModelStore({ connection }),
    leases: new MongoLeaseStore({ connection }),
  }
  await seed(client, { events, streams, prefix: suffix })
  const { projections } = wire({ definitions: projectionsOf(suffix), ...ports })
  await projections.rebuildAll()
  await projections.start()
  const raw = await rateOf(() => readAlone(client))
  const queries = await Queries.start({ eventStoreUrl, mongoUrl: url.href, suffix })
  const idle = await queries.between(() => new Promise((done) => setTimeout(done, idleMs)))
  const writer = writeOn(client, suffix)
  let rebuilt = 0
  const startedAt = performance.now()
  const delay = monitorEventLoopDelay({ resolution: 2 })
  delay.enable()
  const busy = await queries.between(async () => {
    for (const name of projectionNames(suffix))
      rebuilt += (await projections.rebuild(name, { partitions, batch })).events
  })
  const rate = (rebuilt * 1000) / (performance.now() - startedAt)
  delay.disable()
  await writer.stop()
  await queries.stop()
  await projections.stop()
  const [{ stored }] = await Promise.all(
    projectionNames(suffix).map((name) => ports.readModels.generations(name)),
  )
  await eventStore.close()
  await connection.database.dropDatabase()
  await connection.close()
  await client.dispose()
  console.log(
    `${busy.queries} queries meanwhile, ${busy.failed} failed, ${busy.older} saw an older model, ${busy.holes} a hole; ` +
      `p50 ${busy.p50.toFixed(1)} ms (idle ${idle.p50.toFixed(1)}), p99 ${busy.p99.toFixed(1)} ms (idle ${idle.p99.toFixed(1)}), ` +
      `longest ${busy.max.toFixed(1)} ms; event loop of the rebuild p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, ` +
      `longest ${(delay.max / 1e6).toFixed(1)} ms; ${writer.written()} events arrived; ${stored.length} generations kept`,
  )
  return [
    compare('rebuild of three read models, against reading alone', 'events/s', rate, raw, 0.7),
    compare(
      'p99 of 200 queries/s while rebuilding, against idle',
      'µs',
      busy.p99 * 1e3,
      idle.p99 * 1e3,
      3,
    ),
  ]
}

async function rateOf(work) {
  const startedAt = performance.now()
  const count = await work()
  return (count * 1000) / (performance.now() - startedAt)
}

async function readAlone(client) {
  const subscription = client.subscribeToAll({
    filter: eventTypeFilter({ prefixes: ['account.deposited'], maxSearchWindow: 1_000 }),
  })
  let count = 0
  for await (const _ of subscription) if (++count === events) break
  await subscription.unsubscribe()
  return count
}

/** About 50 events a second, until stopped. */
function writeOn(client, prefix) {
  let isStopped = false
  let written = 0
  const writing = (async () => {
    while (!isStopped) {
      const event = jsonEvent({
        type: 'account.deposited',
        data: { amount: 1 },
        metadata: { schemaVersion: 1 },
      })
      await client.appendToStream(`account-${prefix}-${written % streams}`, [event])
      written += 1
      await new Promise((done) => setTimeout(done, 20))
    }
  })()
  return {
    written: () => written,
    stop: async () => {
      isStopped = true
      await writing
    },
  }
}

/** The other process: it asks all the time, and tells how that went between two moments. */
class Queries {
  #child
  #lines

  static async start(target) {
    const queries = new Queries()
    queries.#child = spawn(process.execPath, [reader, JSON.stringify({ ...target, streams })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    queries.#lines = createInterface(queries.#child.stdout)[Symbol.asyncIterator]()
    await queries.#lines.next()
    return queries
  }

  async between(work) {
    this.#child.stdin.write('begin\n')
    await work()
    this.#child.stdin.write('end\n')
    const { value } = await this.#lines.next()
    return JSON.parse(value)
  }

  async stop() {
    const exited = once(this.#child, 'exit')
    this.#child.stdin.end()
    await exited
  }
}
