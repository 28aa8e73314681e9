// Varve beside other event-sourcing libraries: the same bank and the same ledger, each in its documented way, all in memory.
// In turns, one round warms up, medians. See README.md.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { median } from '../measure.mjs'
import { balancesAfter, commandsOf } from './ledger.mjs'
import * as act from './act.mjs'
import * as castore from './castore.mjs'
import * as emmett from './emmett.mjs'
import * as varve from './varve.mjs'

const { values } = parseArgs({
  options: {
    ledger: { type: 'string' },
    accounts: { type: 'string', default: '200' },
    transactions: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    events: { type: 'string', default: '10000' },
  },
})
const rounds = Number(values.rounds)
const events = Number(values.events)
/** Act waits for timers, so it gets fewer commands; rates are per second all the same. */
const sides = [
  { name: 'Varve, definitions', open: varve.open },
  { name: 'Varve, application', open: varve.openApplication },
  { name: '@castore/core', open: castore.open },
  { name: '@event-driven-io/emmett', open: emmett.open },
  { name: '@rotorsoft/act', open: act.open, most: 500 },
]
const long = { accountId: 'long', on: '1993-01-01' }
const { commands } = await commandsOf({
  file: values.ledger,
  accounts: Number(values.accounts),
  transactions: Number(values.transactions),
})
console.log(
  `Node ${process.version}, ${availableParallelism()} cores, ${rounds} rounds, ${commands.length} commands\n`,
)

await compare('commands/s, one by one', bookWith(1))
await compare('commands/s, 50 in flight', bookWith(50))
await compare(`loading ${events} events, events/s`, loadWith())

/** Books the ledger on a fresh store, and checks every balance. */
function bookWith(inFlight) {
  return async ({ open, most = Infinity }) =>
    async () => {
      const wanted = commands.slice(0, most * (inFlight === 1 ? 1 : 4))
      const bank = await open()
      const startedAt = performance.now()
      await inLanes(inFlight, wanted, (command) => bank.execute(command))
      const tookMs = performance.now() - startedAt
      for (const [id, balanceCents] of balancesAfter(wanted)) {
        const found = await bank.load(id)
        if (found.balanceCents !== balanceCents)
          throw new Error(`account ${id}: ${found.balanceCents} instead of ${balanceCents}`)
      }
      await bank.close()
      return (wanted.length * 1000) / tookMs
    }
}

/** Loads one long account again and again. */
function loadWith() {
  return async ({ open, name }) => {
    const bank = await open()
    const isSlow = name === '@rotorsoft/act'
    await bank.execute({ kind: 'open', ...long, owner: 'Ada', overdraftLimitCents: 0 })
    await inLanes(1, Array.from({ length: events - 1 }), () =>
      bank.execute({ kind: 'deposit', ...long, amountCents: 1 }),
    )
    return async () => {
      const times = isSlow ? 3 : 50
      const startedAt = performance.now()
      for (let count = 0; count < times; count += 1) {
        const { balanceCents } = await bank.load(long.accountId)
        if (balanceCents !== events - 1) throw new Error(`${name}: ${balanceCents}`)
      }
      return (times * events * 1000) / (performance.now() - startedAt)
    }
  }
}

/** Each account's commands in their order, some accounts side by side. */
async function inLanes(count, items, work) {
  const lanes = Array.from({ length: count }, () => [])
  for (const item of items) lanes[Number(item?.accountId ?? 0) % count].push(item)
  await Promise.all(
    lanes.map(async (lane) => {
      for (const item of lane) await work(item)
    }),
  )
}

async function compare(title, prepare) {
  const measured = []
  for (const side of sides) measured.push(await prepare(side))
  const found = measured.map(() => [])
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, measure] of measured.entries()) {
      const rate = await measure()
      if (round > 0) found[index].push(rate)
    }
  const rates = found.map(median)
  console.log(title)
  const fastest = Math.max(...rates.slice(2))
  for (const [index, { name }] of sides.entries()) {
    const rate = Math.round(rates[index]).toLocaleString('en').padStart(12)
    const ratio = (rates[index] / fastest).toFixed(2)
    console.log(`  ${name.padEnd(26)} ${rate}   ${ratio} × the fastest peer`)
  }
  console.log()
}
