import type { Application, CommandResult } from 'varve'
import { GetBalance } from '../queries/balances.ts'
import { ListStatements } from '../queries/statements.ts'
import { GetTotals } from '../queries/totals.ts'
import type { Booking } from './check-books.ts'

/** Waits until all read models have the last booking. */
export async function waitForProjections(
  app: Application,
  bookings: readonly Booking[],
): Promise<void> {
  const last = bookings.reduce<Booking | undefined>(
    (latest, one) => (isLater(one.result, latest?.result) ? one : latest),
    undefined,
  )
  if (!last) return
  const options = { after: last.result, timeoutMs: 120_000 }
  await app.query(new GetBalance(last.row.accountId), options)
  await app.query(new ListStatements(last.row.accountId), options)
  await app.query(new GetTotals(), options)
}

function isLater(one: CommandResult, other: CommandResult | undefined): boolean {
  return (one.position ?? 0n) > (other?.position ?? -1n)
}
