import { InMemoryEventStore, InMemorySnapshotStore } from '@varve/memory'
import { type Application, type CommandResult, createApplication } from 'varve'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerRow } from '../../examples/bank/src/ledger/ledger-row.ts'
import { Account, definitions, GetBalance } from './evolved-ledger/newest.ts'
import { AccountCreated, Book, OldAccount } from './evolved-ledger/oldest.ts'
import { ledgerUnderTest } from './ledger-under-test.ts'

interface Booking {
  readonly row: LedgerRow
  readonly result: CommandResult
  /** What the oldest code makes of the account then. */
  readonly old: { readonly balanceCents: number; readonly bookings: number }
}

describe('a ledger written by the oldest events, read by events that changed three times', () => {
  const stores = {
    eventStore: new InMemoryEventStore(),
    snapshotStore: new InMemorySnapshotStore(),
  }
  // It outlives the old application, which closes what it is given.
  stores.eventStore.close = () => Promise.resolve()
  const bookings: Booking[] = []
  const last = new Map<string, Booking>()
  let app: Application

  beforeAll(async () => {
    const rows = await ledgerUnderTest()
    {
      await using old = await createApplication({
        definitions: [OldAccount, AccountCreated],
        eventStore: stores,
        readModels: 'memory:',
      })
      for (const row of rows) {
        const { accountId, kind, amountCents: cents, date: day } = row
        const result = await old.execute(Book, { accountId, kind, cents, day })
        const at = { revision: result.revision! }
        const { balanceCents, bookings: count } = await old.load(OldAccount, accountId, { at })
        const booking = { row, result, old: { balanceCents, bookings: count } }
        bookings.push(booking)
        last.set(accountId, booking)
      }
    }
    app = await createApplication({ definitions, eventStore: stores, readModels: 'memory:' })
    const { row, result: after } = bookings.at(-1)!
    await app.query(new GetBalance(row.accountId), { after, timeoutMs: 240_000 })
  }, 480_000)

  afterAll(() => app.close())

  it('shows every account as the oldest code does, in the aggregate and in the read model', async () => {
    for (const [accountId, { old, row }] of last) {
      const expected = {
        owner: `Owner of ${accountId}`,
        cents: row.balanceAfterCents,
        statedCents: old.balanceCents,
        bookings: old.bookings,
      }
      expect(await app.load(Account, accountId)).toMatchObject(expected)
      expect(await app.query(new GetBalance(accountId))).toEqual({ _id: accountId, ...expected })
    }
  }, 120_000)

  it('shows the aggregate at every revision as the oldest code does', async () => {
    const mistakes: string[] = []
    for (const { row, result, old } of bookings) {
      const at = { revision: result.revision! }
      const { cents, statedCents, bookings: count } = await app.load(Account, row.accountId, { at })
      if (cents !== row.balanceAfterCents || statedCents !== cents || count !== old.bookings)
        mistakes.push(`${row.transactionId}: ${cents}, ${statedCents}, ${count}`)
    }
    expect(mistakes).toEqual([])
  }, 240_000)

  it('shows the read model as of every fiftieth booking as it was', async () => {
    const mistakes: string[] = []
    for (const { row, result, old } of bookings.filter((_, index) => index % 50 === 0)) {
      const asOf = { position: result.position! }
      const balance = await app.query(new GetBalance(row.accountId), { asOf })
      if (balance?.cents !== row.balanceAfterCents || balance.bookings !== old.bookings)
        mistakes.push(`${row.transactionId}: ${JSON.stringify(balance)}`)
    }
    expect(mistakes).toEqual([])
  }, 240_000)

  it('has the same documents after a rebuild', async () => {
    const everything = () =>
      Promise.all([...last.keys()].map((accountId) => app.query(new GetBalance(accountId))))
    const before = await everything()
    await app.projections.rebuild('balances')
    expect(await everything()).toEqual(before)
  }, 240_000)
})
