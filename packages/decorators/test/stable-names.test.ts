import 'reflect-metadata'
import { expect, test } from 'vitest'
import {
  aggregateCategoryOf,
  aggregateIdPropertiesOf,
  commandTypeOf,
  eventTypeOf,
  projectionNameOf,
  readModelNameOf,
} from '../src/index.ts'
import { Account, AccountBalance, AccountBalances, Deposit, MoneyDeposited } from './bank.ts'

test('a class tells the name it was given', () => {
  expect(eventTypeOf(MoneyDeposited)).toBe('account.deposited')
  expect(commandTypeOf(Deposit)).toBe('account.deposit')
  expect(aggregateCategoryOf(Account)).toBe('account')
  expect(projectionNameOf(AccountBalances)).toBe('account-balances')
  expect(readModelNameOf(AccountBalance)).toBe('account_balances')
  expect(aggregateIdPropertiesOf(Deposit)).toEqual(['accountId'])
})

test('what was given no name has none', () => {
  for (const nameOf of [
    eventTypeOf,
    commandTypeOf,
    aggregateCategoryOf,
    projectionNameOf,
    readModelNameOf,
  ])
    for (const value of [class {}, class extends Deposit {}, undefined, null, 'Deposit', {}])
      expect(nameOf(value)).toBeUndefined()
  expect(aggregateIdPropertiesOf(undefined)).toEqual([])
})

test('what decorators note stands on the class under keys any copy of the package reads', () => {
  expect(Reflect.getOwnMetadata(Symbol.for('@varve/command'), Deposit)).toEqual([
    { name: 'account.deposit' },
  ])
})
