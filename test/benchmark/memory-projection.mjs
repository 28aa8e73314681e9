// The events of a ledger into a read model of balances and counts, all on memory, against a plain fold over the same
// decoded events.
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { InMemoryEventStore, InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { balanceProjection } from './account.mjs'
import { compare, inTurn } from './measure.mjs'
import { wire } from './wiring.mjs'

const real = new URL('../../../shared/data/bank-ledger.csv.gz', import.meta.url)

export async function measure() {
  const rows = existsSync(real) ? realRows() : generatedRows(50_299, 1_229)
  const eventStore = new InMemoryEventStore()
  for (const { account, amount } of rows) {
    const event = { id: randomUUID(), type: 'account.deposited', data: { amount }, metadata: {} }
    await eventStore.append(`account-${account}`, [event], { expected: 'any' })
  }
  let round = 0
  const [projection, fold] = await inTurn(7, [
    async () => {
      const name = `balances-${(round += 1)}`
      const { projections } = wire({
        definitions: [balanceProjection(name)],
        eventStore,
        readModels: new InMemoryReadModelStore(),
        leases: new InMemoryLeaseStore(),
      })
      await projections.start()
      await projections.waitFor(name, BigInt(rows.length - 1), 60_000)
      await projections.stop()
      return rows.length
    },
    async () => {
      const documents = new Map()
      for await (const batch of eventStore.readAll())
        for (const { stream, data } of batch) {
          const known = documents.get(stream)
          documents.set(stream, {
            _id: stream,
            balance: (known?.balance ?? 0) + data.amount,
            count: (known?.count ?? 0) + 1,
          })
        }
      return rows.length
    },
  ])
  return [
    {
      ...compare('projection on memory, against a plain fold', 'events/s', projection, fold),
      target: '400,000 events/s',
    },
  ]
}

/** One event for each account and each transaction of the ledger. */
function realRows() {
  const lines = gunzipSync(readFileSync(real)).toString().trim().split('\n').slice(1)
  const seen = new Set()
  return lines.flatMap((line) => {
    const [, account, , kind, cents] = line.split(',')
    const amount = kind === 'deposit' ? Number(cents) : -Number(cents)
    const opening = seen.has(account) ? [] : [{ account, amount: 0 }]
    seen.add(account)
    return [...opening, { account, amount }]
  })
}

function generatedRows(events, accounts) {
  return Array.from({ length: events }, (_, index) => ({
    account: `a${index % accounts}`,
    amount: 1,
  }))
}
