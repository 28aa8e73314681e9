import type { Application } from 'varve'
import { Account } from '../account/account.ts'
import type { Booking } from '../ledger/check-books.ts'
import { GetBalance } from '../queries/balances.ts'
import { money } from './money.ts'

/** Prints one account at three points of its past, from the aggregate and from the read model. */
export async function printPast(app: Application, bookings: readonly Booking[]): Promise<void> {
  const [first] = bookings
  if (!first) return
  const { accountId } = first.row
  console.log(`\nAccount ${accountId} in the past            aggregate       read model`)
  for (const fraction of [0, 0.5, 1]) {
    const { row, result } = bookings[Math.round(fraction * (bookings.length - 1))] as Booking
    const { revision, position } = result as { revision: bigint; position: bigint }
    const account = await app.load(Account, accountId, { at: { revision } })
    const balance = await app.query(new GetBalance(accountId), { asOf: { position } })
    const columns = [account.balanceCents, balance?.balanceCents ?? 0].map((cents) =>
      money(cents).padStart(16),
    )
    console.log(`  ${row.date}  revision ${String(revision).padStart(5)} ${columns.join(' ')}`)
  }
}
