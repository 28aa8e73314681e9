// The history of one document with a million versions: what a query of the past reads of it, and how long it takes.
// On the local server; takes about five minutes.
//   node test/benchmark/history-versions.mjs [versions]      # default 1000000
import { defineReadModel } from '@varve/core'
import { MongoReadModelStore } from '@varve/mongodb'
import { startServers } from './servers.mjs'

const versions = Number(process.argv[2] ?? 1_000_000)
const batch = 5_000
const servers = await startServers()
const store = new MongoReadModelStore({ url: servers.mongoUrl })
const model = defineReadModel('accounts', { indexes: [{ keys: { owner: 1 } }], history: true })
const generation = { projection: 'accounts', version: 1, number: 1 }
await store.create(generation, [model])

const positionOf = (n) => BigInt(n) * 173n + 1_000n
const recordedAt = (n) => new Date(Date.UTC(2026, 0, 1) + n * 700)
let from = await store.takeCheckpoint(generation)
const startedAt = performance.now()
for (let first = 0; first < versions; first += batch) {
  const made = Array.from({ length: batch }, (_, n) => ({
    position: positionOf(first + n),
    recordedAt: recordedAt(first + n),
    document: { _id: 'a', owner: 'Ann', balance: first + n },
  }))
  const { document, position } = made.at(-1)
  const previous = first === 0 ? undefined : positionOf(first - 1)
  const write = { model, id: 'a', document, position, events: first, previous, versions: made }
  from = await store.commit({ generation, from, position, writes: [write] })
}
const writing = (performance.now() - startedAt) / 1_000
console.log(
  `${versions.toLocaleString('en')} versions written: ${Math.round(versions / writing)}/s`,
)

for (const [name, pointOf] of [
  ['position', (n) => ({ position: positionOf(n) + 5n })],
  ['date', (n) => ({ date: new Date(recordedAt(n).getTime() + 5) })],
])
  for (const filter of [{ _id: 'a' }, { owner: 'Ann' }]) await measure(name, pointOf, filter)
await store.close()
await servers.stop()

async function measure(name, pointOf, filter) {
  const took = []
  let keys = 0
  let stage = ''
  for (let count = 0; count < 200; count += 1) {
    const n = Math.floor(Math.random() * versions)
    const view = store.view(generation, model, pointOf(n))
    const begun = performance.now()
    const found = await view.findOne(filter)
    took.push(performance.now() - begun)
    if (found?.balance !== n) throw new RangeError(`found ${found?.balance} instead of ${n}`)
    const { executionStats, queryPlanner } = await view.find(filter).explain('executionStats')
    keys = Math.max(keys, executionStats.totalKeysExamined)
    stage = JSON.stringify(queryPlanner.winningPlan).includes('IXSCAN') ? 'IXSCAN' : 'COLLSCAN'
  }
  took.sort((one, other) => one - other)
  console.log(
    `by ${name}, ${JSON.stringify(filter)}: ${stage}, at most ${keys} keys, median ${took[100].toFixed(1)} ms`,
  )
}
