// Memory while 500,000 events are replayed through a projection: how much the process grows after warming up.
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import { balanceProjection } from './account.mjs'
import { seed } from './seed.mjs'
import { wire } from './wiring.mjs'

const events = Number(process.env.VARVE_EVENTS ?? 500_000)
const warmUp = 50_000

export async function measure({ eventStoreUrl, mongoUrl }) {
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  await seed(client, { events, streams: 2_000, prefix: randomUUID().slice(0, 8) })
  await client.dispose()
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const connection = new MongoConnection({ url: mongoUrl })
  const readModels = new MongoReadModelStore({ connection })
  const leases = new MongoLeaseStore({ connection })
  const name = `balances-${randomUUID().slice(0, 8)}`
  const { projections } = wire({
    definitions: [balanceProjection(name)],
    eventStore,
    readModels,
    leases,
  })
  let warm
  let most = 0
  const startedAt = performance.now()
  const result = await projections.rebuild(name, {
    onProgress: ({ events: count }) => {
      if (count < warmUp) return
      const rss = process.memoryUsage.rss()
      warm ??= rss
      most = Math.max(most, rss)
    },
  })
  const seconds = (performance.now() - startedAt) / 1000
  await eventStore.close()
  await connection.close()
  const growth = (most - warm) / 1_048_576
  return [
    {
      name: `memory growth while replaying ${events.toLocaleString('en')} events`,
      figure: growth,
      unit: 'MB',
      baseline: 100,
      ratio: growth / 100,
      target: 'below 1',
    },
    { name: 'the same replay', figure: result.events / seconds, unit: 'events/s' },
  ]
}
