import { ClassValidatorMessages } from '@varve/class-validator'
import { aggregateIdPropertiesOf } from '@varve/decorators'
import { specifyAggregate } from '@varve/testing'
import { describe, it } from 'vitest'
import { AccountRefusal } from '../src/account/account-refusal.ts'
import { Account } from '../src/account/account.ts'
import { CloseAccount, Deposit, OpenAccount, Withdraw } from '../src/account/commands.ts'
import {
  AccountClosed,
  AccountOpened,
  MoneyDeposited,
  MoneyWithdrawn,
} from '../src/account/events.ts'

const { given } = specifyAggregate(Account, {
  validator: new ClassValidatorMessages({ known: aggregateIdPropertiesOf }),
})
const on = '1993-01-01'
const opened = new AccountOpened('Ada', 500, on)

describe('an account', () => {
  it('is opened once', async () => {
    const opening = { accountId: 'a', owner: 'Ada', overdraftLimitCents: 500, on }
    await given().when(OpenAccount, opening).then(opened)
    await given(opened)
      .when(OpenAccount, opening)
      .throws(AccountRefusal, /it was opened before/)
  })

  it('books with the balance afterwards', async () => {
    await given(opened)
      .when(Deposit, { accountId: 'a', amountCents: 100, on })
      .then(new MoneyDeposited(100, 100, on))
    await given(opened, new MoneyDeposited(100, 100, on))
      .when(Withdraw, { accountId: 'a', amountCents: 30, on })
      .then({ events: [new MoneyWithdrawn(30, 70, on)], state: { balanceCents: 70 } })
  })

  it('is overdrawn as far as its limit, and names it', async () => {
    await given(opened)
      .when(Withdraw, { accountId: 'a', amountCents: 500, on })
      .then(new MoneyWithdrawn(500, -500, on))
    await given(opened)
      .when(Withdraw, { accountId: 'a', amountCents: 501, on })
      .throws(AccountRefusal, /below the overdraft limit of 500/)
  })

  it('is closed only when it is empty', async () => {
    await given(opened).when(CloseAccount, { accountId: 'a', on }).then(new AccountClosed(on))
    await given(opened, new MoneyDeposited(100, 100, on))
      .when(CloseAccount, { accountId: 'a', on })
      .throws(AccountRefusal, /100 cents, not 0/)
  })

  it('takes nothing before it is opened or after it is closed', async () => {
    const deposit = { accountId: 'a', amountCents: 1, on }
    await given()
      .when(Deposit, deposit)
      .throws(AccountRefusal, /it is new/)
    await given(opened, new AccountClosed(on))
      .when(Deposit, deposit)
      .throws(AccountRefusal, /it is closed/)
  })

  it('takes no command that breaks a rule', () =>
    given(opened)
      .when(Deposit, { accountId: 'a', amountCents: -1, on })
      .throws({ code: 'INVALID_MESSAGE' }, /amountCents must be a positive number/))
})
