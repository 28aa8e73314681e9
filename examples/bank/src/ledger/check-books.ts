import { type Application, type CommandResult } from 'varve'
import { Account } from '../account/account.ts'
import { GetBalance, ListBalances } from '../queries/balances.ts'
import { ListStatements } from '../queries/statements.ts'
import { GetTotals } from '../queries/totals.ts'
import { answersOf } from './ledger-answers.ts'
import type { LedgerRow } from './ledger-row.ts'

/**
 * Compares the read models with what the ledger says.
 *
 * @returns One sentence per difference; none when the books are right.
 */
export async function checkBooks(
  app: Application,
  rows: readonly LedgerRow[],
): Promise<readonly string[]> {
  const answers = answersOf(rows)
  const mistakes: string[] = []
  const expect = (subject: string, found: unknown, expected: unknown): void => {
    if (found !== expected)
      mistakes.push(`${subject}: found ${String(found)}, the ledger says ${String(expected)}`)
  }
  const balances = await app.query(new ListBalances())
  expect('accounts', balances.length, answers.accounts)
  for (const { _id, balanceCents } of balances)
    expect(`account ${_id}`, balanceCents, answers.balances.get(_id))
  const totals = await app.query(new GetTotals())
  for (const name of [
    'accounts',
    'deposits',
    'depositedCents',
    'withdrawals',
    'withdrawnCents',
  ] as const)
    expect(`total of ${name}`, totals?.[name], answers[name])
  expect(
    'balance of the bank',
    totals?.balanceCents,
    answers.depositedCents - answers.withdrawnCents,
  )
  const statements = await app.query(new ListStatements())
  expect('statements', statements.length, answers.accountMonths)
  for (const { _id, openingCents, depositedCents, withdrawnCents, closingCents } of statements)
    expect(`statement ${_id}`, closingCents, openingCents + depositedCents - withdrawnCents)
  expect(
    'lines on statements',
    statements.reduce((sum, { lines }) => sum + lines.length, 0),
    rows.length,
  )
  return mistakes
}

/** A row of the ledger and what booking it gave. */
export interface Booking {
  readonly row: LedgerRow
  readonly result: CommandResult
}

/**
 * Compares the past with what the ledger says after one row: the account at the row's revision, and its
 * balance as of the row's position.
 *
 * @returns One sentence per difference.
 */
export async function checkPast(
  app: Application,
  { row, result }: Booking,
): Promise<readonly string[]> {
  const { accountId, balanceAfterCents, transactionId } = row
  const { revision, position } = result as { revision: bigint; position: bigint }
  const account = await app.load(Account, accountId, { at: { revision } })
  const balance = await app.query(new GetBalance(accountId), { asOf: { position } })
  const mistakes: string[] = []
  if (account.balanceCents !== balanceAfterCents)
    mistakes.push(
      `transaction ${transactionId}: the account had ${account.balanceCents}, the ledger says ${balanceAfterCents}`,
    )
  if (balance?.balanceCents !== balanceAfterCents)
    mistakes.push(
      `transaction ${transactionId}: the balance was ${balance?.balanceCents}, the ledger says ${balanceAfterCents}`,
    )
  return mistakes
}
