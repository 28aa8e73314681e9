// One stream of a million events with a snapshot every 1,000: how long it takes to load it at any version, beside a
// stream of a thousand events without one. On the local server; takes about three minutes.
//   node test/benchmark/load-past.mjs [events]      # default 1000000
import { EventStoreDBClient } from '@eventstore/db-client'
import {
  AggregateRepository,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  evolveWith,
  JsonEventCodec,
  silentLogger,
} from '@varve/core'
import { EventStoreDBEventStore, EventStoreDBSnapshotStore } from '@varve/eventstoredb'
import { seed } from './seed.mjs'
import { startServers } from './servers.mjs'

const events = Number(process.argv[2] ?? 1_000_000)
const every = 1_000
const servers = await startServers()
const client = EventStoreDBClient.connectionString(servers.eventStoreUrl)
await seed(client, { events, streams: 1, prefix: 'long' })
await seed(client, { events: every, streams: 1, prefix: 'short' })
await client.dispose()

const eventStore = new EventStoreDBEventStore({ connectionString: servers.eventStoreUrl })
const snapshotStore = new EventStoreDBSnapshotStore(eventStore, { keep: events / every })
const deposited = defineEvent('account.deposited')
const deposit = defineCommand('account.deposit', { aggregateId: ({ id }) => id })
const account = defineAggregate('account', {
  initial: () => ({ balance: 0 }),
  decide: [decideOn(deposit, ({ amount }) => deposited.create({ amount }))],
  evolve: [evolveWith(deposited, (state, { amount }) => ({ balance: state.balance + amount }))],
  snapshot: { every, version: 1 },
})
for (let revision = every - 1; revision < events; revision += every)
  await snapshotStore.save({
    stream: 'account-long-0',
    revision: BigInt(revision),
    version: 1,
    state: { balance: revision + 1 },
    takenAt: new Date(),
  })
const repository = new AggregateRepository(account, {
  eventStore,
  snapshotStore,
  codec: new JsonEventCodec([deposited]),
  logger: silentLogger,
})

await measure('1,000 events, all replayed', 200, () => repository.load('short-0'))
const anywhere = () => BigInt(Math.floor(Math.random() * events))
await measure('any revision', 200, () => loadAt({ revision: anywhere() }))
const positions = []
for (let count = 0; count < 100; count += 1)
  for await (const [event] of eventStore.readStream('account-long-0', {
    from: anywhere(),
    limit: 1,
  }))
    positions.push(event)
let next = 0
const some = () => positions[next++ % positions.length]
await measure('any position', 100, () => loadAt({ position: some().position }))
await measure('any date', 100, () => repository.loadAt('long-0', { date: some().recordedAt }))
await eventStore.close()
await servers.stop()

async function loadAt(at) {
  const { state, revision } = await repository.loadAt('long-0', at)
  if (state.balance !== Number(revision) + 1) throw new RangeError(`wrong at ${revision}`)
}

async function measure(name, times, run) {
  const took = []
  for (let count = 0; count < times; count += 1) {
    const startedAt = performance.now()
    await run()
    took.push(performance.now() - startedAt)
  }
  took.sort((one, other) => one - other)
  const at = (share) => took[Math.floor(share * (took.length - 1))].toFixed(1).padStart(6)
  console.log(`${name.padEnd(30)} median ${at(0.5)} ms   95 % ${at(0.95)} ms`)
}
