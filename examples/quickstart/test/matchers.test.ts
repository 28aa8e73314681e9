import { specifyAggregate } from '@varve/testing'
import { specificationMatchers } from '@varve/testing/vitest'
import { expect, it } from 'vitest'
import { Account, Deposit, MoneyDeposited, NotEnoughMoney, Withdraw } from '../src/account.ts'

expect.extend(specificationMatchers)

const { given } = specifyAggregate(Account)

it('an account pays out what was paid in, and no more', async () => {
  const deposit = given().when(Deposit, { accountId: 'ada', amount: 100 })
  await expect(deposit).toRecord(new MoneyDeposited(100))
  await expect(deposit.when(Withdraw, { accountId: 'ada', amount: 60 })).toLeaveState({
    balance: 40,
  })
  await expect(deposit.when(Withdraw, { accountId: 'ada', amount: 101 })).toBeRefused(
    NotEnoughMoney,
  )
  await expect(deposit).not.toBeRefused()
})
