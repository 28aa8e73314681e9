import type { LedgerRow } from './ledger-row.ts'

/** What a ledger says the books must come to. */
export interface LedgerAnswers {
  readonly accounts: number
  readonly deposits: number
  readonly depositedCents: number
  readonly withdrawals: number
  readonly withdrawnCents: number
  /** Last balance of every account. */
  readonly balances: ReadonlyMap<string, number>
  readonly accountMonths: number
}

/** Adds a ledger up, without the framework. */
export function answersOf(rows: readonly LedgerRow[]): LedgerAnswers {
  const sum = (kind: LedgerRow['kind']): { count: number; cents: number } => {
    const ofKind = rows.filter((row) => row.kind === kind)
    return {
      count: ofKind.length,
      cents: ofKind.reduce((cents, row) => cents + row.amountCents, 0),
    }
  }
  const deposits = sum('deposit')
  const withdrawals = sum('withdrawal')
  const balances = new Map(rows.map((row) => [row.accountId, row.balanceAfterCents]))
  return {
    accounts: balances.size,
    deposits: deposits.count,
    depositedCents: deposits.cents,
    withdrawals: withdrawals.count,
    withdrawnCents: withdrawals.cents,
    balances,
    accountMonths: new Set(rows.map((row) => `${row.accountId}:${row.date.slice(0, 7)}`)).size,
  }
}
