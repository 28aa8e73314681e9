// What sealing costs: appending and reading events with two personal fields, against the same events without, on memory.
// On a build: node test/benchmark/private-events.mjs
import { randomUUID } from 'node:crypto'
import { defineEvent, PrivateEvents, PrivateEventStore, streamName, SubjectKeys } from '@varve/core'
import { InMemoryEventStore, InMemorySubjectKeyStore } from '@varve/memory'
import { inTurn } from './measure.mjs'

const events = 20_000
const perBatch = 100
const persons = 200

function storeOf(personal) {
  const event = defineEvent('named', { personal })
  const keys = new SubjectKeys(new InMemorySubjectKeyStore())
  return new PrivateEventStore(new InMemoryEventStore(), new PrivateEvents([event], keys))
}

async function fill(store) {
  for (let batch = 0; batch < events / perBatch; batch += 1) {
    const made = Array.from({ length: perBatch }, (_, index) => ({
      id: randomUUID(),
      type: 'named',
      data: { name: `Ada King ${index}`, street: 'St James Square', amount: index },
      metadata: {},
    }))
    await store.append(streamName('customer', `c${batch % persons}`), made, { expected: 'any' })
  }
  return events
}

async function readBack(store) {
  let count = 0
  for await (const batch of store.readAll()) count += batch.length
  return count
}

const personal = { name: {}, street: {} }
const [plain, sealed] = await inTurn(5, [() => fill(storeOf({})), () => fill(storeOf(personal))])
const stores = [storeOf({}), storeOf(personal)]
for (const store of stores) await fill(store)
const [plainRead, sealedRead] = await inTurn(
  5,
  stores.map((store) => () => readBack(store)),
)
const µs = (rate) => 1_000_000 / rate
for (const [name, without, withSeals] of [
  ['append', plain, sealed],
  ['read', plainRead, sealedRead],
])
  console.log(
    `${name}: ${µs(without).toFixed(1)} µs per event without, ${µs(withSeals).toFixed(1)} µs with two sealed fields (ratio ${(without / withSeals).toFixed(1)})`,
  )
