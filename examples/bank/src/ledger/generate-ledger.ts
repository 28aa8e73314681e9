import type { LedgerRow } from './ledger-row.ts'

/** What a generated ledger looks like. */
export interface GeneratorOptions {
  /** At least 1. */
  readonly accounts: number
  readonly transactions: number
  /** The same seed gives the same ledger. */
  readonly seed: number
}

const firstDay = Date.UTC(1993, 0, 1)
const days = 455
const msPerDay = 86_400_000

/** Makes up a ledger with the shape of a real one: ordered by date, a salary here, a withdrawal there, some overdrafts. */
export function generateLedger({
  accounts,
  transactions,
  seed,
}: GeneratorOptions): readonly LedgerRow[] {
  const random = mulberry32(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const balances = new Map<string, number>()
  return Array.from({ length: transactions }, (_, index): LedgerRow => {
    const accountId = String(1 + below(accounts))
    const balance = balances.get(accountId) ?? 0
    const isDeposit = balance <= 0 || random() < 0.45
    const amountCents = isDeposit
      ? 100 * (100 + below(40_000))
      : 10 * (1 + below(Math.floor(balance / 10) + 500))
    const balanceAfterCents = balance + (isDeposit ? amountCents : -amountCents)
    balances.set(accountId, balanceAfterCents)
    const day = firstDay + Math.floor((index * days) / transactions) * msPerDay
    return {
      transactionId: `${seed}-${index + 1}`,
      accountId,
      date: new Date(day).toISOString().slice(0, 10),
      kind: isDeposit ? 'deposit' : 'withdrawal',
      amountCents,
      balanceAfterCents,
    }
  })
}

/** A small seeded generator of numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
