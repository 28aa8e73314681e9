import type { Application, CommandResult } from 'varve'
import { Deposit, OpenAccount, Withdraw } from '../account/commands.ts'
import type { Day } from '../account/events.ts'
import { groupBy } from './group-by.ts'
import type { LedgerRow } from './ledger-row.ts'

/** Options of {@link importLedger}. */
export interface ImportOptions {
  /** Most commands under way at the same time. Default 50. */
  readonly inFlight?: number
  /** Hears of each day before its first row is booked, when all rows of earlier days are. */
  readonly onDay?: (day: Day) => void
  /** Hears of each row that is booked. */
  readonly onBooked?: (row: LedgerRow, result: CommandResult) => void
}

/**
 * Books a ledger as commands: day after day, the accounts of a day side by side, each account in its order.
 *
 * Commands carry ids made from the ledger's own, so an import that was broken off is simply started again.
 */
export async function importLedger(
  app: Application,
  rows: readonly LedgerRow[],
  { inFlight = 50, onDay, onBooked }: ImportOptions = {},
): Promise<void> {
  const limits = overdraftLimits(rows)
  const opened = new Set<string>()
  const book = async (row: LedgerRow): Promise<void> => {
    const { accountId, amountCents, date: on, transactionId } = row
    if (!opened.has(accountId)) {
      opened.add(accountId)
      const overdraftLimitCents = limits.get(accountId) ?? 0
      const owner = `Owner of ${accountId}`
      await app.execute(
        OpenAccount,
        { accountId, owner, overdraftLimitCents, on },
        { id: `open-${accountId}` },
      )
    }
    const command = row.kind === 'deposit' ? Deposit : Withdraw
    const result = await app.execute(
      command,
      { accountId, amountCents, on },
      { id: `ledger-${transactionId}` },
    )
    onBooked?.(row, result)
  }
  for (const [day, ofDay] of groupBy(rows, (row) => row.date)) {
    onDay?.(day)
    const accounts = [...groupBy(ofDay, (row) => row.accountId).values()]
    await inParallel(inFlight, accounts, async (bookings) => {
      for (const row of bookings) await book(row)
    })
  }
}

/** The overdraft each account needs for what really happened to it. */
function overdraftLimits(rows: readonly LedgerRow[]): ReadonlyMap<string, number> {
  const limits = new Map<string, number>()
  for (const { accountId, balanceAfterCents } of rows)
    limits.set(accountId, Math.max(limits.get(accountId) ?? 0, -balanceAfterCents))
  return limits
}

async function inParallel<Item>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values()
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
}
