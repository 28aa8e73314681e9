import type { Day } from '../account/events.ts'

/** One booking of a ledger file. */
export interface LedgerRow {
  readonly transactionId: string
  readonly accountId: string
  readonly date: Day
  readonly kind: 'deposit' | 'withdrawal'
  readonly amountCents: number
  /** The account's balance after this row: the answer the file carries. */
  readonly balanceAfterCents: number
}

/** Names of the columns, in their order. */
export const ledgerColumns = 'transaction_id,account_id,date,kind,amount_cents,balance_after_cents'
