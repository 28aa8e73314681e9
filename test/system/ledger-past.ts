import type { LedgerRow } from '../../examples/bank/src/ledger/ledger-row.ts'

/** What a ledger says of any day: the answers it carries itself, as of then. */
export class LedgerPast {
  /** By account, oldest first. */
  readonly #rows = new Map<string, LedgerRow[]>()
  /** Every day of the ledger, oldest first. */
  readonly days: readonly string[]

  constructor(rows: readonly LedgerRow[]) {
    for (const row of rows) {
      const known = this.#rows.get(row.accountId)
      if (known) known.push(row)
      else this.#rows.set(row.accountId, [row])
    }
    this.days = [...new Set(rows.map(({ date }) => date))]
  }

  get accounts(): readonly string[] {
    return [...this.#rows.keys()]
  }

  /** The last day of each month that has a booking. */
  get monthEnds(): readonly string[] {
    return this.days.filter((day, index) => day.slice(0, 7) !== this.days[index + 1]?.slice(0, 7))
  }

  /** An account's balance at the end of a day; undefined: it had no booking by then. */
  balance(accountId: string, day: string): number | undefined {
    return this.#rows.get(accountId)?.findLast(({ date }) => date <= day)?.balanceAfterCents
  }

  /** The balances of all accounts at the end of a day, in the order of their ids. */
  balances(day: string): Readonly<Record<string, number>> {
    const found = this.accounts.toSorted().flatMap((id) => {
      const balance = this.balance(id, day)
      return balance === undefined ? [] : [[id, balance] as const]
    })
    return Object.fromEntries(found)
  }

  /** The closing balances and numbers of lines of all statements as they were at the end of a day. */
  statements(day: string): Readonly<Record<string, readonly [number, number]>> {
    const made = new Map<string, readonly [number, number]>()
    for (const [id, rows] of this.#rows)
      for (const { date, balanceAfterCents } of rows) {
        if (date > day) break
        const key = `${id}:${date.slice(0, 7)}`
        made.set(key, [balanceAfterCents, (made.get(key)?.[1] ?? 0) + 1])
      }
    return Object.fromEntries([...made].sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  /** Pairs of an account and a day, the same ones for the same seed. */
  pairs(count: number, seed: number): readonly (readonly [string, string])[] {
    const { accounts, days } = this
    let state = seed
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * limit)
    }
    return Array.from({ length: count }, () => [
      accounts[below(accounts.length)] as string,
      days[below(days.length)] as string,
    ])
  }
}
