import { type EventContext, On, Projection, ReadModel } from 'varve'
import { AccountClosed, AccountOpened, MoneyDeposited, MoneyWithdrawn } from '../account/events.ts'

@ReadModel('account_balances', {
  indexes: [{ keys: { balanceCents: -1 } }, { keys: { owner: 1 } }],
  history: true,
})
export class AccountBalance {
  readonly _id!: string
  owner!: string
  balanceCents!: number
  bookings!: number
  isClosed!: boolean
}

@Projection('account-balances', { into: AccountBalance, version: 1 })
export class AccountBalances {
  @On(AccountOpened)
  opened({ owner }: AccountOpened, _: undefined, context: EventContext): AccountBalance {
    return { _id: context.aggregateId, owner, balanceCents: 0, bookings: 0, isClosed: false }
  }

  @On(MoneyDeposited)
  @On(MoneyWithdrawn)
  booked(event: MoneyDeposited | MoneyWithdrawn, account: AccountBalance) {
    account.balanceCents = event.balanceCents
    account.bookings += 1
  }

  @On(AccountClosed)
  closed(_: AccountClosed, account: AccountBalance) {
    account.isClosed = true
  }
}
