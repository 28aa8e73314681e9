import { Query, QueryHandler, type ReadModelView } from 'varve'
import { AccountBalance } from '../read-models/account-balances.ts'

export class GetBalance extends Query<AccountBalance | null> {
  constructor(readonly accountId: string) {
    super()
  }
}

@QueryHandler(GetBalance, { reads: AccountBalance })
export class GetBalanceHandler {
  execute({ accountId }: GetBalance, balances: ReadModelView<AccountBalance>) {
    return balances.findOne({ _id: accountId })
  }
}

/** What a list of balances is narrowed and ordered by. */
export interface BalanceFilter {
  /** Only balances of at least this many cents. */
  readonly atLeastCents?: number
  /** Only balances below this many cents. */
  readonly belowCents?: number
  /** Default `'account'`. */
  readonly orderBy?: 'account' | 'richest first'
  /** Default: all. */
  readonly limit?: number
}

export class ListBalances extends Query<AccountBalance[]> {
  constructor(readonly filter: BalanceFilter = {}) {
    super()
  }
}

@QueryHandler(ListBalances, { reads: AccountBalance })
export class ListBalancesHandler {
  execute({ filter }: ListBalances, balances: ReadModelView<AccountBalance>) {
    const { atLeastCents, belowCents, orderBy, limit = 0 } = filter
    const range = {
      ...(atLeastCents !== undefined && { $gte: atLeastCents }),
      ...(belowCents !== undefined && { $lt: belowCents }),
    }
    return balances
      .find(Object.keys(range).length > 0 ? { balanceCents: range } : {})
      .sort(orderBy === 'richest first' ? { balanceCents: -1, _id: 1 } : { _id: 1 })
      .limit(limit)
      .toArray()
  }
}
