import { InMemoryEventStore, InMemorySnapshotStore } from '@varve/memory'
import {
  type Application,
  createApplication,
  On,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
} from 'varve'
import type { EventContext, ReadModelView } from 'varve'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Account } from '../../examples/bank/src/account/account.ts'
import {
  AccountOpened,
  MoneyDeposited,
  MoneyWithdrawn,
} from '../../examples/bank/src/account/events.ts'
import { bank } from '../../examples/bank/src/bank.ts'
import type { Booking } from '../../examples/bank/src/ledger/check-books.ts'
import { importLedger } from '../../examples/bank/src/ledger/import-ledger.ts'
import { waitForProjections } from '../../examples/bank/src/ledger/wait-for-projections.ts'
import { GetBalance, ListBalances } from '../../examples/bank/src/queries/balances.ts'
import { ListStatements } from '../../examples/bank/src/queries/statements.ts'
import { GetTotals } from '../../examples/bank/src/queries/totals.ts'
import { LedgerPast } from './ledger-past.ts'
import { ledgerUnderTest } from './ledger-under-test.ts'

const minutes = 60_000

/** The balances again, without a history: their past is folded for each query. */
@ReadModel('forgetful_balances')
class ForgetfulBalance {
  readonly _id!: string
  balanceCents!: number
}

@Projection('forgetful-balances', { into: ForgetfulBalance, version: 1 })
class ForgetfulBalances {
  @On(AccountOpened)
  opened(_: AccountOpened, __: undefined, context: EventContext): ForgetfulBalance {
    return { _id: context.aggregateId, balanceCents: 0 }
  }
  @On(MoneyDeposited)
  @On(MoneyWithdrawn)
  booked(event: MoneyDeposited | MoneyWithdrawn, account: ForgetfulBalance) {
    account.balanceCents = event.balanceCents
  }
}

class GetForgetful extends Query<ForgetfulBalance | null> {
  constructor(readonly accountId: string) {
    super()
  }
}

@QueryHandler(GetForgetful, { reads: ForgetfulBalance })
class GetForgetfulHandler {
  execute({ accountId }: GetForgetful, balances: ReadModelView<ForgetfulBalance>) {
    return balances.findOne({ _id: accountId })
  }
}

/** The log's clock shows noon of the booking day, so a date of the ledger is a date of the log. */
describe('a bank ledger recorded on the days it was booked', () => {
  let ledger: LedgerPast
  let app: Application
  const endOf = (day: string) => ({ date: new Date(`${day}T23:59:59Z`) })

  beforeAll(async () => {
    const rows = await ledgerUnderTest()
    ledger = new LedgerPast(rows)
    let today = new Date(0)
    app = await createApplication({
      definitions: [...bank, ForgetfulBalances, GetForgetfulHandler],
      eventStore: {
        eventStore: new InMemoryEventStore({ clock: { now: () => today } }),
        snapshotStore: new InMemorySnapshotStore(),
      },
      readModels: 'memory:',
    })
    const bookings: Booking[] = []
    await importLedger(app, rows, {
      onDay: (day) => (today = new Date(`${day}T12:00:00Z`)),
      onBooked: (row, result) => bookings.push({ row, result }),
    })
    await waitForProjections(app, bookings)
  }, 8 * minutes)

  afterAll(() => app.close())

  it(
    'has for 1,000 accounts and dates the balance of the file: loaded, by history and folded again',
    async () => {
      const mistakes: unknown[] = []
      for (const [accountId, day] of ledger.pairs(1_000, 7)) {
        const expected = ledger.balance(accountId, day)
        const at = endOf(day)
        const loaded = await app.load(Account, accountId, { at }).catch(() => undefined)
        const kept = await app.query(new GetBalance(accountId), { asOf: at })
        const folded = await app.query(new GetForgetful(accountId), { asOf: at })
        const found = [loaded?.balanceCents, kept?.balanceCents, folded?.balanceCents]
        if (found.some((balance) => balance !== expected))
          mistakes.push({ accountId, day, expected, found })
      }
      expect(mistakes).toEqual([])
    },
    4 * minutes,
  )

  it(
    'has at the end of each month the balances, statements and totals of the file',
    async () => {
      expect(ledger.monthEnds.length).toBeGreaterThan(12)
      for (const day of ledger.monthEnds) {
        await using past = await app.at(endOf(day))
        const balances = await past.query(new ListBalances())
        expect(byId(balances)).toEqual(ledger.balances(day))
        const statements = await past.query(new ListStatements())
        const found = statements.map(
          ({ _id, closingCents, lines }) => [_id, [closingCents, lines.length]] as const,
        )
        expect(Object.fromEntries(found)).toEqual(ledger.statements(day))
        expect((await past.query(new GetTotals()))?.balanceCents).toBe(sum(ledger.balances(day)))
      }
    },
    4 * minutes,
  )

  it(
    'adds up on every day to what the file adds up to until then',
    async () => {
      for (const day of ledger.days) {
        const balances = await app.query(new ListBalances(), { asOf: endOf(day) })
        expect(sum(byId(balances))).toBe(sum(ledger.balances(day)))
      }
    },
    4 * minutes,
  )
})

function byId(
  balances: readonly { readonly _id: string; readonly balanceCents: number }[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(balances.map(({ _id, balanceCents }) => [_id, balanceCents]))
}

function sum(balances: Readonly<Record<string, number>>): number {
  return Object.values(balances).reduce((total, balance) => total + balance, 0)
}
