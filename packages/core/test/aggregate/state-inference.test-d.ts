import { expectTypeOf, test } from 'vitest'
import { type AggregateDefinition, decideOn, defineAggregate } from '../../src/index.ts'
import { deposit, deposited } from '../fixtures/accounts.ts'

interface Account {
  readonly balance: number
}

test('deciders and folds know the state from what it is at first', () => {
  const account = defineAggregate('account', {
    initial: () => ({ balance: 0 }),
    decide: (decideOn) => [
      decideOn(deposit, (state, { amounts }) => {
        expectTypeOf(state).toEqualTypeOf<{ balance: number }>()
        return amounts.map((amount) => deposited.create({ amount }))
      }),
    ],
    evolve: (evolveWith) => [
      evolveWith(deposited, (state, { amount }) => ({ balance: state.balance + amount })),
    ],
  })
  expectTypeOf(account).toEqualTypeOf<AggregateDefinition<{ balance: number }>>()
})

test('so they do where the first state depends on the id', () => {
  const account = defineAggregate('account', {
    initial: (id) => ({ id, balance: 0 }),
    decide: (decideOn) => [
      decideOn(deposit, (state) => {
        expectTypeOf(state).toEqualTypeOf<{ id: string; balance: number }>()
        return []
      }),
    ],
    evolve: (evolveWith) => [evolveWith(deposited, (state) => ({ ...state, balance: 1 }))],
  })
  expectTypeOf(account).toEqualTypeOf<AggregateDefinition<{ id: string; balance: number }>>()
})

test('deciders made elsewhere know it where they say so', () => {
  const onDeposit = decideOn(deposit, (state: Account) =>
    deposited.create({ amount: state.balance }),
  )
  const account = defineAggregate<Account>('account', {
    initial: () => ({ balance: 0 }),
    decide: [onDeposit],
    evolve: [],
  })
  expectTypeOf(account).toEqualTypeOf<AggregateDefinition<Account>>()
})
