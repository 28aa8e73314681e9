import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Application, createApplication } from 'varve'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bank, projections } from '../../examples/bank/src/bank.ts'
import { type Booking, checkBooks, checkPast } from '../../examples/bank/src/ledger/check-books.ts'
import { importLedger } from '../../examples/bank/src/ledger/import-ledger.ts'
import type { LedgerRow } from '../../examples/bank/src/ledger/ledger-row.ts'
import { waitForProjections } from '../../examples/bank/src/ledger/wait-for-projections.ts'
import { GetBalance, ListBalances } from '../../examples/bank/src/queries/balances.ts'
import { ListStatements } from '../../examples/bank/src/queries/statements.ts'
import { GetTotals } from '../../examples/bank/src/queries/totals.ts'
import { Account } from '../../examples/bank/src/account/account.ts'
import { LedgerPast } from './ledger-past.ts'
import { ledgerUnderTest } from './ledger-under-test.ts'

const minutes = 60_000
/** Which rows of a long ledger are looked at: each tenth, or as `VARVE_ROWS` says; 1 takes minutes. */
const step = Number(process.env['VARVE_ROWS'] ?? 10)

describe('a bank ledger booked as commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-ledger-'))
  const bookings: Booking[] = []
  let rows: readonly LedgerRow[]
  let app: Application

  beforeAll(async () => {
    rows = await ledgerUnderTest()
    app = await createApplication({
      definitions: bank,
      eventStore: process.env['VARVE_EVENTSTOREDB_URL'],
      readModels: process.env['VARVE_MONGODB_URL'],
      data: folder,
    })
    await importLedger(app, rows, { onBooked: (row, result) => bookings.push({ row, result }) })
    await waitForProjections(app, bookings)
  }, 8 * minutes)

  afterAll(async () => {
    await app.close()
    rmSync(folder, { recursive: true })
  })

  it('ends in the balances, statements and totals of the ledger', async () => {
    expect(bookings).toHaveLength(rows.length)
    expect(await checkBooks(app, rows)).toEqual([])
  })

  it(
    'shows for its rows the account at its revision and the balance as of its position',
    async () => {
      const mistakes: string[] = []
      const isShort = bookings.length <= 10_000
      const waiting = bookings.filter((_, index) => isShort || index % step === 0).values()
      const compare = async () => {
        for (const booking of waiting) mistakes.push(...(await checkPast(app, booking)))
      }
      await Promise.all(Array.from({ length: 16 }, compare))
      expect(mistakes).toEqual([])
    },
    8 * minutes,
  )

  it(
    'shows at the end of any day, and of each month, what the ledger says of it',
    async () => {
      const ledger = new LedgerPast(rows)
      const endOf = (day: string) => {
        const positions = bookings.filter(({ row }) => row.date <= day).map(({ result }) => result)
        return { position: positions.map(({ position = 0n }) => position).reduce(later) }
      }
      const pairs = ledger.pairs(200, 11)
      for (const [accountId, day] of pairs) {
        const at = endOf(day)
        const expected = ledger.balance(accountId, day)
        const loaded = await app.load(Account, accountId, { at }).catch(() => undefined)
        const balance = await app.query(new GetBalance(accountId), { asOf: at })
        expect([loaded?.balanceCents, balance?.balanceCents]).toEqual([expected, expected])
      }
      for (const day of ledger.monthEnds) {
        await using past = await app.at(endOf(day))
        const balances = await past.query(new ListBalances())
        const found = balances.map(({ _id, balanceCents }) => [_id, balanceCents] as const)
        expect(Object.fromEntries(found)).toEqual(ledger.balances(day))
      }
      for (const day of ledger.monthEnds.slice(0, 3)) {
        const statements = await app.query(new ListStatements(), { asOf: endOf(day) })
        const found = statements.map(
          ({ _id, closingCents, lines }) => [_id, [closingCents, lines.length]] as const,
        )
        expect(Object.fromEntries(found)).toEqual(ledger.statements(day))
      }
    },
    8 * minutes,
  )

  it(
    'has the same documents after a rebuild, byte for byte',
    async () => {
      const everything = async () =>
        JSON.stringify([
          await app.query(new ListBalances()),
          await app.query(new ListStatements()),
          await app.query(new GetTotals()),
        ])
      const before = await everything()
      for (const name of projections) await app.projections.rebuild(name)
      expect(await everything()).toBe(before)
    },
    4 * minutes,
  )
})

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
