import {
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineProjection,
  defineQueryHandler,
  defineReadModel,
  evolveWith,
  on,
  Query,
} from '@varve/core'
import type { InMemoryReadModelView } from '@varve/memory'

export const opened = defineEvent<{ owner: string; at: Date }>('account.opened', {
  fields: { at: 'date' },
})
export const deposited = defineEvent<{ cents: bigint }>('account.deposited', {
  fields: { cents: 'bigint' },
})

export const open = defineCommand<{ id: string; owner: string }>('account.open', {
  aggregateId: ({ id }) => id,
})
export const deposit = defineCommand<{ id: string; cents: bigint }>('account.deposit', {
  aggregateId: ({ id }) => id,
})

export class AccountRefusal extends Error {
  readonly code = 'REFUSED'
}

export const account = defineAggregate<{ balance: bigint; owner?: string }>('account', {
  initial: () => ({ balance: 0n }),
  decide: [
    decideOn(open, (state, { owner }, { now }) => {
      if (state.owner !== undefined) throw new AccountRefusal('it was opened before')
      return opened.create({ owner, at: now })
    }),
    decideOn(deposit, (state, { cents }) => {
      if (state.owner === undefined) throw new AccountRefusal('it is not open')
      return cents === 0n ? undefined : deposited.create({ cents })
    }),
  ],
  evolve: [
    evolveWith(opened, (state, { owner }) => ({ ...state, owner })),
    evolveWith(deposited, (state, { cents }) => ({ ...state, balance: state.balance + cents })),
  ],
})

export interface Balance {
  readonly _id: string
  readonly owner: string
  readonly cents: number
}

export const balances = defineReadModel<Balance>('balances', { history: true })
export const owners = defineReadModel<{ _id: string; accounts: number }>('owners')

export const balancesProjection = defineProjection('balances', {
  into: balances,
  handlers: [
    on(opened, balances, ({ owner }, _, { aggregateId }) => ({
      _id: aggregateId,
      owner,
      cents: 0,
    })),
    on(deposited, balances, ({ cents }, balance) => {
      if (!balance) throw new RangeError('a deposit into nothing')
      return { ...balance, cents: balance.cents + Number(cents) }
    }),
  ],
})

export const ownersProjection = defineProjection('owners', {
  into: [owners, balances],
  handlers: [
    on(
      opened,
      owners,
      ({ owner }, found) => ({ _id: owner, accounts: (found?.accounts ?? 0) + 1 }),
      {
        key: ({ owner }) => owner,
      },
    ),
    on(opened, balances, ({ owner }, _, { aggregateId }) => ({
      _id: aggregateId,
      owner,
      cents: 0,
    })),
  ],
})

export class GetBalance extends Query<Balance | null> {
  constructor(readonly id: string) {
    super()
  }
}

export const getBalance = defineQueryHandler<GetBalance, [InMemoryReadModelView<Balance>]>(
  GetBalance,
  { reads: [balances], execute: ({ id }, view) => view.findOne({ _id: id }) },
)
