import { createHash } from 'node:crypto'
import { type Application, createApplication } from 'varve'
import { bank } from './bank.ts'
import { type BankArguments, parseArguments, usage } from './command-line.ts'
import { type Booking, checkBooks, checkPast } from './ledger/check-books.ts'
import { generateLedger } from './ledger/generate-ledger.ts'
import { groupBy } from './ledger/group-by.ts'
import { importLedger } from './ledger/import-ledger.ts'
import type { LedgerRow } from './ledger/ledger-row.ts'
import { readLedgerFile } from './ledger/read-ledger-file.ts'
import { waitForProjections } from './ledger/wait-for-projections.ts'
import { printPast } from './report/past.ts'
import { Progress } from './report/progress.ts'
import { rebuildAll } from './report/rebuild.ts'
import { printStatements, printTotals } from './report/summary.ts'

try {
  const args = parseArguments(process.argv.slice(2))
  if (args.help) console.log(usage)
  else process.exitCode = (await run(args)) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exitCode = 1
}

async function run(args: BankArguments): Promise<boolean> {
  const rows = args.ledger === undefined ? generateLedger(args) : await readLedgerFile(args.ledger)
  await using app = await createApplication({
    definitions: bank,
    eventStore: process.env['VARVE_EVENTSTOREDB_URL'],
    readModels: process.env['VARVE_MONGODB_URL'],
    data: `.varve/bank-${fingerprint(rows)}`,
  })
  const bookings = await book(app, rows)
  await waitForProjections(app, bookings)
  await printTotals(app)
  const ofOne = longest(bookings)
  await printStatements(app, ofOne[0]?.row.accountId ?? '', 3)
  const isRebuiltEqual = await rebuildAll(app)
  await printPast(app, ofOne)
  const mistakes = [
    ...(await checkBooks(app, rows)),
    ...(args.verify ? await verify(app, bookings) : []),
  ]
  console.log(
    mistakes.length === 0
      ? '\nThe books agree with the ledger.'
      : '\nThe books DIFFER from the ledger:',
  )
  for (const mistake of mistakes.slice(0, 20)) console.log(`  ${mistake}`)
  return isRebuiltEqual && mistakes.length === 0
}

async function book(app: Application, rows: readonly LedgerRow[]): Promise<readonly Booking[]> {
  console.log(`Booking ${rows.length.toLocaleString('en')} transactions as commands`)
  const progress = new Progress('  booked')
  const bookings: Booking[] = []
  await importLedger(app, rows, {
    onBooked: (row, result) => {
      bookings.push({ row, result })
      progress.update(bookings.length / rows.length, bookings.length)
    },
  })
  progress.finish(bookings.length)
  const repeated = bookings.filter(({ result }) => result.isRepeated).length
  if (repeated > 0)
    console.log(`  ${repeated.toLocaleString('en')} of them were booked before and not again`)
  return bookings
}

async function verify(app: Application, bookings: readonly Booking[]): Promise<readonly string[]> {
  console.log('\nComparing every row with the past')
  const progress = new Progress('  compared')
  const mistakes: string[] = []
  let count = 0
  const waiting = bookings.values()
  const compare = async (): Promise<void> => {
    for (const booking of waiting) {
      mistakes.push(...(await checkPast(app, booking)))
      count += 1
      progress.update(count / bookings.length, count)
    }
  }
  await Promise.all(Array.from({ length: 16 }, compare))
  progress.finish(count)
  return mistakes
}

/** The bookings of the account with the most of them, oldest first. */
function longest(bookings: readonly Booking[]): readonly Booking[] {
  const byAccount = groupBy(bookings, ({ row }) => row.accountId)
  return [...byAccount.values()].reduce((most, one) => (one.length > most.length ? one : most), [])
}

/** Names the data folder, so that each ledger has books of its own. */
function fingerprint(rows: readonly LedgerRow[]): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 8)
}
