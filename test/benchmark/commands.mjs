// Commands through the EventStoreDB adapter, against the same read, fold and append with the raw client.
import { randomUUID } from 'node:crypto'
import {
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  StreamNotFoundError,
} from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { account, Deposit } from './account.mjs'
import { compare, inFlight, inTurn } from './measure.mjs'
import { wire } from './wiring.mjs'

const accounts = 100

export async function measure({ eventStoreUrl }) {
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const bus = wire({ definitions: [account], eventStore }).commands
  // Both sides write accounts of their own, in use from the first round on: a hundred events each by the end.
  const sides = (count, limit) => {
    const run = `${limit}-${randomUUID().slice(0, 8)}`
    return [
      () =>
        inFlight(limit, count, (index) =>
          bus.execute(Deposit, { accountId: `${run}-a${index % accounts}`, amount: 1 }),
        ),
      () =>
        inFlight(limit, count, (index) =>
          depositByHand(client, `account-${run}-b${index % accounts}`),
        ),
    ]
  }
  const [busy, busyByHand] = await inTurn(5, sides(1_500, 50))
  const [single, singleByHand] = await inTurn(5, sides(300, 1))
  await eventStore.close()
  await client.dispose()
  return [
    compare('commands on EventStoreDB, 50 in flight', 'commands/s', busy, busyByHand, 5),
    compare('commands on EventStoreDB, one by one', 'commands/s', single, singleByHand, 2),
  ]
}

async function depositByHand(client, stream) {
  let balance = 0
  let revision
  try {
    for await (const { event } of client.readStream(stream)) {
      balance += event.data.amount
      revision = event.revision
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error
  }
  const event = jsonEvent({ type: 'account.deposited', data: { amount: 1 }, metadata: { balance } })
  await client.appendToStream(stream, event, { expectedRevision: revision ?? NO_STREAM })
}
