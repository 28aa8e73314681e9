import { eventsOf, specifyAggregate, specifyProjection } from '@varve/testing'
import { describe, it } from 'vitest'
import {
  Account,
  Deposit,
  MoneyDeposited,
  MoneyWithdrawn,
  NotEnoughMoney,
  Withdraw,
} from '../src/account.ts'
import { Balances, GetBalance, GetBalanceHandler } from '../src/balances.ts'

// #region aggregate
describe('an account', () => {
  const { given } = specifyAggregate(Account)

  it('takes a deposit', () =>
    given().when(Deposit, { accountId: 'ada', amount: 100 }).then(new MoneyDeposited(100)))

  it('pays out what is there', () =>
    given(new MoneyDeposited(100))
      .when(Withdraw, { accountId: 'ada', amount: 30 })
      .then({ events: [new MoneyWithdrawn(30)], state: { balance: 70 } }))

  it('refuses to pay out more', () =>
    given(new MoneyDeposited(100), new MoneyWithdrawn(30))
      .when(Withdraw, { accountId: 'ada', amount: 71 })
      .throws(NotEnoughMoney, /only 70 left/))
})
// #endregion aggregate

// #region projection
describe('the balances', () => {
  const { given } = specifyProjection(Balances, { definitions: [GetBalanceHandler] })
  const log = given(
    eventsOf('ada', new MoneyDeposited(100)),
    eventsOf('bert', new MoneyDeposited(5)),
    eventsOf('ada', new MoneyWithdrawn(30)),
  )

  it('are one for each account', () =>
    log.then({ _id: 'ada', amount: 70 }, { _id: 'bert', amount: 5 }))

  it('are kept as they were', () => log.asOf({ position: 0n }).then({ _id: 'ada', amount: 100 }))

  it('are found by the account', () =>
    log.when(new GetBalance('ada')).then({ _id: 'ada', amount: 70 }))
})
// #endregion projection
