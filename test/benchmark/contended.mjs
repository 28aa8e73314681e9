// A hundred writers of one aggregate: in one process, and in four at once. How long does the unluckiest one wait?
import { randomUUID } from 'node:crypto'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { account, Deposit } from './account.mjs'
import { wire } from './wiring.mjs'

const writers = 100
const rounds = 10

export async function measure({ eventStoreUrl }) {
  return [
    ...(await contend(eventStoreUrl, 1, 'one process')),
    ...(await contend(eventStoreUrl, 4, 'four processes')),
  ]
}

async function contend(connectionString, processes, name) {
  const stores = Array.from(
    { length: processes },
    () => new EventStoreDBEventStore({ connectionString }),
  )
  const buses = stores.map(
    (eventStore) => wire({ definitions: [account], eventStore, conflictRetries: 20 }).commands,
  )
  const accountId = randomUUID()
  const waits = []
  let failures = 0
  const startedAt = performance.now()
  const write = async (writer) => {
    for (let round = 0; round < rounds; round += 1) {
      const sentAt = performance.now()
      await buses[writer % processes].execute(Deposit, { accountId, amount: 1 }).catch(() => {
        failures += 1
      })
      waits.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
  const seconds = (performance.now() - startedAt) / 1000
  waits.sort((a, b) => a - b)
  await Promise.all(stores.map((store) => store.close()))
  const subject = `100 writers of one aggregate, ${name}`
  return [
    { name: subject, figure: (writers * rounds - failures) / seconds, unit: 'commands/s' },
    { name: `${subject}: failed`, figure: failures, unit: 'commands' },
    { name: `${subject}: median wait`, figure: waits[waits.length / 2], unit: 'ms' },
    { name: `${subject}: longest wait`, figure: waits.at(-1), unit: 'ms' },
  ]
}
