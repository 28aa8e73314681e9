// The adapter against the raw client: the same reads, subscriptions and appends, in turn, on the same server.
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { compare, inFlight, inTurn } from './measure.mjs'
import { seed } from './seed.mjs'

const events = 20_000
const alone = 1_000
const together = 10_000

export async function measure({ eventStoreUrl }) {
  const client = EventStoreDBClient.connectionString(eventStoreUrl)
  const eventStore = new EventStoreDBEventStore({ connectionString: eventStoreUrl })
  const prefix = randomUUID().slice(0, 8)
  await seed(client, { events, streams: 1, prefix })
  const stream = `account-${prefix}-0`
  const results = [
    ...(await measureReads(eventStore, client, stream)),
    ...(await measureAppends(eventStore, client, prefix)),
  ]
  await eventStore.close()
  await client.dispose()
  return results
}

async function measureReads(eventStore, client, stream) {
  const read = await inTurn(21, [
    () => drainBatches(eventStore.readStream(stream)),
    () => drain(client.readStream(stream)),
  ])
  const subscribe = await inTurn(21, [
    () => drainSubscription(eventStore.subscribe({ stream }), events),
    () => drainRaw(client.subscribeToStream(stream, { fromRevision: START }), events),
  ])
  return [
    compare('adapter: reading a stream', 'events/s', ...read, 0.95),
    compare('adapter: subscribing to a stream', 'events/s', ...subscribe, 0.95),
  ]
}

async function measureAppends(eventStore, client, prefix) {
  const ours = (side) => async (index) =>
    eventStore.append(`account-${prefix}-${side}-${index}`, [ourEvent()], { expected: 'any' })
  const raw = (side) => async (index) =>
    client.appendToStream(`account-${prefix}-${side}-${index}`, rawEvent())
  const sequential = await inTurn(9, [
    (round) => inFlight(1, alone, ours(`a${round}`)),
    (round) => inFlight(1, alone, raw(`b${round}`)),
  ])
  const parallel = await inTurn(9, [
    (round) => inFlight(100, together, ours(`c${round}`)),
    (round) => inFlight(100, together, raw(`d${round}`)),
  ])
  return [
    compare('adapter: appends one by one', 'appends/s', ...sequential, 0.95),
    compare('adapter: appends, 100 in flight', 'appends/s', ...parallel, 0.9),
  ]
}

const data = { amount: 1, reference: 'a deposit of the first of the month' }
const metadata = { schemaVersion: 1 }

function ourEvent() {
  return { id: randomUUID(), type: 'account.deposited', data, metadata }
}

function rawEvent() {
  return jsonEvent({ id: randomUUID(), type: 'account.deposited', data, metadata })
}

async function drainBatches(batches) {
  let count = 0
  for await (const batch of batches) count += batch.length
  return count
}

async function drain(reading) {
  let count = 0
  for await (const { event } of reading) if (event !== undefined) count += 1
  return count
}

async function drainSubscription(subscription, wanted) {
  let count = 0
  for await (const batch of subscription) {
    count += batch.events.length
    if (count >= wanted) break
  }
  return count
}

/** A subscription left with events unread keeps its client from being disposed, so nothing comes after the last one. */
async function drainRaw(subscription, wanted) {
  let count = 0
  for await (const { event } of subscription) {
    if (event !== undefined) count += 1
    if (count === wanted) break
  }
  await subscription.unsubscribe()
  return count
}
