import { eventsOf, specifyProjection } from '@varve/testing'
import { describe, it } from 'vitest'
import { Account } from '../src/account/account.ts'
import {
  AccountClosed,
  AccountOpened,
  MoneyDeposited,
  MoneyWithdrawn,
} from '../src/account/events.ts'
import {
  GetBalance,
  GetBalanceHandler,
  ListBalances,
  ListBalancesHandler,
} from '../src/queries/balances.ts'
import { AccountBalances } from '../src/read-models/account-balances.ts'
import { BankTotalsProjection } from '../src/read-models/bank-totals.ts'
import { MonthlyStatements } from '../src/read-models/monthly-statements.ts'

const ada = (...events: object[]) => eventsOf('ada', ...events)
const bert = (...events: object[]) => eventsOf('bert', ...events)
const log = [
  ada(new AccountOpened('Ada', 0, '1993-01-01'), new MoneyDeposited(100, 100, '1993-01-31')),
  bert(new AccountOpened('Bert', 500, '1993-02-01'), new MoneyWithdrawn(40, -40, '1993-02-01')),
  ada(new MoneyWithdrawn(100, 0, '1993-02-02'), new AccountClosed('1993-02-03')),
]

describe('account balances', () => {
  const { given } = specifyProjection(AccountBalances, {
    definitions: [GetBalanceHandler, ListBalancesHandler],
  })
  const adas = { _id: 'ada', owner: 'Ada', balanceCents: 0, bookings: 2, isClosed: true }
  const berts = { _id: 'bert', owner: 'Bert', balanceCents: -40, bookings: 1, isClosed: false }

  it('are kept per account', () => given(log).then(adas, berts))

  it('are seen as they were after each event', async () => {
    await given(log)
      .asOf({ position: 1n })
      .then({ ...adas, balanceCents: 100, bookings: 1, isClosed: false })
    await given(log)
      .asOf({ position: 4n })
      .then({ ...adas, isClosed: false }, berts)
  })

  it('are found, filtered and ordered', async () => {
    await given(log).when(new GetBalance('bert')).then(berts)
    await given(log)
      .when(new ListBalances({ belowCents: 0 }))
      .then([berts])
    await given(log)
      .when(new ListBalances({ orderBy: 'richest first' }))
      .then([adas, berts])
  })
})

describe('monthly statements', () => {
  it('begin where the month before ended', () =>
    specifyProjection(MonthlyStatements, { definitions: [Account] })
      .given(log)
      .then(
        {
          _id: 'ada:1993-01',
          accountId: 'ada',
          month: '1993-01',
          openingCents: 0,
          depositedCents: 100,
          withdrawnCents: 0,
          closingCents: 100,
          lines: [{ bookedOn: '1993-01-31', amountCents: 100, balanceCents: 100 }],
        },
        {
          _id: 'ada:1993-02',
          accountId: 'ada',
          month: '1993-02',
          openingCents: 100,
          depositedCents: 0,
          withdrawnCents: 100,
          closingCents: 0,
          lines: [{ bookedOn: '1993-02-02', amountCents: -100, balanceCents: 0 }],
        },
        {
          _id: 'bert:1993-02',
          accountId: 'bert',
          month: '1993-02',
          openingCents: 0,
          depositedCents: 0,
          withdrawnCents: 40,
          closingCents: -40,
          lines: [{ bookedOn: '1993-02-01', amountCents: -40, balanceCents: -40 }],
        },
      ))
})

describe('the totals of the bank', () => {
  it('count all accounts in one document', () =>
    specifyProjection(BankTotalsProjection).given(log).then({
      _id: 'bank',
      accounts: 2,
      openAccounts: 1,
      deposits: 1,
      depositedCents: 100,
      withdrawals: 2,
      withdrawnCents: 140,
      balanceCents: -40,
    }))
})
