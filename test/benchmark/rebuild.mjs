// A rebuild from EventStoreDB into MongoDB, against a loop with one update per event, against reading alone,
// and against bulk writes alone.
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, eventTypeFilter } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import { balanceProjection, balances } from './account.mjs'
import { compare, inTurn } from './measure.mjs'
import { seed } from './seed.mjs'
import { wire } from './wiring.mjs'

const events = 50_000
const streams = 1_000
const loopEvents = 3_000

export async function measure({ eventStoreUrl, mongoUrl }) {
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const connection = new MongoConnection({ url: mongoUrl })
  const readModels = new MongoReadModelStore({ connection })
  const leases = new MongoLeaseStore({ connection })
  await seed(client, { events, streams, prefix: randomUUID().slice(0, 8) })
  const name = `balances-${randomUUID().slice(0, 8)}`
  const { projections } = wire({
    definitions: [balanceProjection(name)],
    eventStore,
    readModels,
    leases,
  })
  const plain = connection.database.collection('plain')
  const [rebuild, loop, read, write] = await inTurn(3, [
    async () => (await projections.rebuild(name)).events,
    () => updateOneByOne(client, plain),
    () => readOnly(client),
    () => writeOnly(plain),
  ])
  await eventStore.close()
  await connection.close()
  await client.dispose()
  return [
    compare(
      `rebuild of ${balances.name}, against one update per event`,
      'events/s',
      rebuild,
      loop,
      10,
    ),
    compare('the same rebuild, against a raw subscription alone', 'events/s', rebuild, read),
    compare('the same rebuild, against one bulk write per 500 events', 'events/s', rebuild, write),
  ]
}

const subscribe = (client) =>
  client.subscribeToAll({
    filter: eventTypeFilter({ prefixes: ['account.deposited'], maxSearchWindow: 1_000 }),
  })

async function updateOneByOne(client, collection) {
  const subscription = subscribe(client)
  let count = 0
  for await (const { event } of subscription) {
    const change = { $inc: { balance: event.data.amount, count: 1 } }
    await collection.updateOne({ _id: event.streamId }, change, { upsert: true })
    if (++count === loopEvents) break
  }
  await subscription.unsubscribe()
  return count
}

async function readOnly(client) {
  const subscription = subscribe(client)
  let count = 0
  for await (const _ of subscription) if (++count === events) break
  await subscription.unsubscribe()
  return count
}

async function writeOnly(collection) {
  for (let written = 0; written < events; written += 500)
    await collection.bulkWrite(
      Array.from({ length: 500 }, (_, index) => ({
        updateOne: {
          filter: { _id: `account-${(written + index) % streams}` },
          update: { $inc: { balance: 1, count: 1 } },
          upsert: true,
        },
      })),
      { ordered: true },
    )
  return events
}
