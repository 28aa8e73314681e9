// The same small account in every measurement: once as a definition, once by hand.
import {
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineProjection,
  defineReadModel,
  evolveWith,
  on,
} from '@varve/core'

export const Deposited = defineEvent('account.deposited')
export const Deposit = defineCommand('account.deposit', {
  aggregateId: (command) => command.accountId,
})

export const account = defineAggregate('account', {
  initial: () => ({ balance: 0 }),
  decide: [decideOn(Deposit, (_state, { amount }) => Deposited.create({ amount }))],
  evolve: [evolveWith(Deposited, ({ balance }, { amount }) => ({ balance: balance + amount }))],
})

export const balances = defineReadModel('balances')
export const balanceProjection = (name = 'balances') =>
  defineProjection(name, {
    into: balances,
    handlers: [
      on(Deposited, balances, ({ amount }, document, { aggregateId }) => ({
        _id: aggregateId,
        balance: (document?.balance ?? 0) + amount,
        count: (document?.count ?? 0) + 1,
      })),
    ],
  })
