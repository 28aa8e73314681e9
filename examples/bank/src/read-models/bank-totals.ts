import { On, Projection, ReadModel } from 'varve'
import { AccountClosed, AccountOpened, MoneyDeposited, MoneyWithdrawn } from '../account/events.ts'

@ReadModel('bank_totals')
export class BankTotals {
  readonly _id!: string
  accounts!: number
  openAccounts!: number
  deposits!: number
  depositedCents!: number
  withdrawals!: number
  withdrawnCents!: number
  balanceCents!: number
}

const key = () => 'bank'

/** One document that every event changes: the hot document. */
@Projection('bank-totals', { into: BankTotals, version: 1 })
export class BankTotalsProjection {
  @On(AccountOpened, { key })
  opened(_: AccountOpened, totals: BankTotals = none()) {
    totals.accounts += 1
    totals.openAccounts += 1
    return totals
  }

  @On(MoneyDeposited, { key })
  deposited({ amountCents }: MoneyDeposited, totals: BankTotals) {
    totals.deposits += 1
    totals.depositedCents += amountCents
    totals.balanceCents += amountCents
  }

  @On(MoneyWithdrawn, { key })
  withdrawn({ amountCents }: MoneyWithdrawn, totals: BankTotals) {
    totals.withdrawals += 1
    totals.withdrawnCents += amountCents
    totals.balanceCents -= amountCents
  }

  @On(AccountClosed, { key })
  closed(_: AccountClosed, totals: BankTotals) {
    totals.openAccounts -= 1
  }
}

function none(): BankTotals {
  return {
    _id: 'bank',
    accounts: 0,
    openAccounts: 0,
    deposits: 0,
    depositedCents: 0,
    withdrawals: 0,
    withdrawnCents: 0,
    balanceCents: 0,
  }
}
