// Loading an aggregate of 10,000 events, against reading its stream with the raw client.
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { account } from './account.mjs'
import { compare, inTurn } from './measure.mjs'
import { seed } from './seed.mjs'
import { wire } from './wiring.mjs'

const events = 10_000

export async function measure({ eventStoreUrl }) {
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const repository = wire({ definitions: [account], eventStore }).commands.repositoryOf('account')
  const prefix = randomUUID().slice(0, 8)
  await seed(client, { events, streams: 1, prefix })
  const [framework, raw] = await inTurn(9, [
    async () => Number((await repository.load(`${prefix}-0`)).revision) + 1,
    async () => {
      let count = 0
      for await (const _ of client.readStream(`account-${prefix}-0`)) count += 1
      return count
    },
  ])
  await eventStore.close()
  await client.dispose()
  return [compare('loading an aggregate of 10,000 events', 'events/s', framework, raw, 0.8)]
}
