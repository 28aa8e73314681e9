import type { Application } from 'varve'
import { ListBalances } from '../queries/balances.ts'
import { ListStatements } from '../queries/statements.ts'
import { GetTotals } from '../queries/totals.ts'
import type { MonthlyStatement } from '../read-models/monthly-statements.ts'
import { money } from './money.ts'

/** Prints the totals and the richest accounts. */
export async function printTotals(app: Application): Promise<void> {
  const totals = await app.query(new GetTotals())
  if (!totals) return
  const line = (label: string, count: number, cents: number): void =>
    console.log(
      `  ${label.padEnd(12)} ${count.toLocaleString('en').padStart(8)} ${money(cents).padStart(18)}`,
    )
  console.log('\nTotals')
  line('accounts', totals.accounts, totals.balanceCents)
  line('deposits', totals.deposits, totals.depositedCents)
  line('withdrawals', totals.withdrawals, totals.withdrawnCents)
  const richest = await app.query(new ListBalances({ orderBy: 'richest first', limit: 3 }))
  console.log('\nRichest accounts')
  for (const { _id, balanceCents, bookings } of richest)
    console.log(
      `  ${_id.padEnd(12)} ${String(bookings).padStart(8)} ${money(balanceCents).padStart(18)}`,
    )
}

/** Prints the last statements of one account. */
export async function printStatements(
  app: Application,
  accountId: string,
  count: number,
): Promise<void> {
  const statements = await app.query(new ListStatements(accountId))
  console.log(`\nStatements of account ${accountId}`)
  for (const statement of statements.slice(-count)) printStatement(statement)
}

function printStatement(statement: MonthlyStatement): void {
  const { month, openingCents, depositedCents, withdrawnCents, closingCents, lines } = statement
  const columns = [openingCents, depositedCents, withdrawnCents, closingCents].map((cents) =>
    money(cents).padStart(14),
  )
  console.log(
    `  ${month}  opening ${columns[0]}   in ${columns[1]}   out ${columns[2]}   closing ${columns[3]}   ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`,
  )
}
