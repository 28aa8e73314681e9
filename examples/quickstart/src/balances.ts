import {
  type EventContext,
  On,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
  type ReadModelView,
} from 'varve'
import { MoneyDeposited, MoneyWithdrawn } from './account.ts'

// #region projection
@ReadModel('balances', { history: true })
export class Balance {
  readonly _id!: string
  amount!: number
}

@Projection('balances', { into: Balance })
export class Balances {
  @On(MoneyDeposited)
  deposited({ amount }: MoneyDeposited, balance: Balance | undefined, context: EventContext) {
    return { _id: context.aggregateId, amount: (balance?.amount ?? 0) + amount }
  }

  @On(MoneyWithdrawn)
  withdrawn({ amount }: MoneyWithdrawn, balance: Balance) {
    balance.amount -= amount
  }
}
// #endregion projection

// #region query
export class GetBalance extends Query<Balance | null> {
  constructor(readonly accountId: string) {
    super()
  }
}

@QueryHandler(GetBalance, { reads: Balance })
export class GetBalanceHandler {
  execute({ accountId }: GetBalance, balances: ReadModelView<Balance>) {
    return balances.findOne({ _id: accountId })
  }
}
// #endregion query
