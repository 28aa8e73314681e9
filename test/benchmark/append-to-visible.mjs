// From an append to its document being visible: through a projection, against a bare subscription with one updateOne.
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, eventTypeFilter } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import { balanceProjection } from './account.mjs'
import { median } from './measure.mjs'
import { wire } from './wiring.mjs'

const appends = 300
const warmUp = 30

export async function measure({ eventStoreUrl, mongoUrl }) {
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
  const bare = await followBare(eventStoreUrl, connection.database.collection('bare'))
  await projections.start()
  const throughVarve = []
  const throughBare = []
  for (let index = 0; index < appends + warmUp; index += 1) {
    const appendedAt = performance.now()
    const seen = bare.next()
    const { position } = await append(eventStore, index)
    const visible = projections.waitFor(name, position, 10_000)
    const ends = await Promise.all([
      visible.then(() => performance.now()),
      seen.then(() => performance.now()),
    ])
    if (index < warmUp) continue
    throughVarve.push(ends[0] - appendedAt)
    throughBare.push(ends[1] - appendedAt)
  }
  await projections.stop()
  await bare.stop()
  await eventStore.close()
  await connection.close()
  const figure = median(throughVarve)
  const baseline = median(throughBare)
  return [
    {
      name: 'append to visible, p50, against subscribe + updateOne',
      figure,
      unit: 'ms',
      baseline,
      ratio: figure / baseline,
      target: 'at most 3',
    },
  ]
}

function append(eventStore, index) {
  const event = {
    id: randomUUID(),
    type: 'account.deposited',
    data: { amount: 1 },
    metadata: {},
  }
  return eventStore.append(`account-v${index % 20}`, [event], { expected: 'any' })
}

/** What a hand-written projector does for each event, from the end of the log on. */
async function followBare(eventStoreUrl, collection) {
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const subscription = client.subscribeToAll({
    fromPosition: 'end',
    filter: eventTypeFilter({ prefixes: ['account.deposited'] }),
  })
  let tell = () => undefined
  const following = (async () => {
    for await (const { event } of subscription) {
      const change = { $inc: { balance: event.data.amount } }
      await collection.updateOne({ _id: event.streamId }, change, { upsert: true })
      tell()
    }
  })()
  await new Promise((resolve) => subscription.once('confirmation', resolve))
  return {
    next: () => new Promise((resolve) => (tell = resolve)),
    stop: async () => {
      await subscription.unsubscribe()
      await following
      await client.dispose()
    },
  }
}
