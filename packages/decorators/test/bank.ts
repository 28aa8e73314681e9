import { AggregateRoot, type EventContext, Query } from '@varve/core'
import {
  Aggregate,
  AggregateId,
  Applies,
  Command,
  Event,
  Handles,
  On,
  Projection,
  QueryHandler,
  ReadModel,
} from '../src/index.ts'

@Event('account.opened', { fields: { openedAt: 'date' } })
export class AccountOpened {
  constructor(
    readonly owner: string,
    readonly openedAt: Date,
  ) {}
}

@Event('account.deposited', { version: 2 })
export class MoneyDeposited {
  constructor(readonly amount: number) {}
}

@Command('account.open')
export class OpenAccount {
  @AggregateId() readonly accountId!: string
  readonly owner!: string
}

@Command('account.deposit')
export class Deposit {
  @AggregateId() readonly accountId!: string
  readonly amount!: number
}

@Aggregate('account', { snapshot: { every: 100, version: 3 } })
export class Account extends AggregateRoot {
  balance = 0

  @Handles(OpenAccount)
  open(command: OpenAccount) {
    this.emit(new AccountOpened(command.owner, new Date(0)))
  }

  @Handles(Deposit)
  deposit(command: Deposit) {
    this.emit(new MoneyDeposited(command.amount))
  }

  @Applies(MoneyDeposited)
  protected deposited(event: MoneyDeposited) {
    this.balance += event.amount
  }
}

@ReadModel('account_balances', { indexes: [{ keys: { owner: 1 } }], history: true })
export class AccountBalance {
  readonly _id!: string
  owner!: string
  balance!: number
}

@Projection('account-balances', { into: AccountBalance, version: 4 })
export class AccountBalances {
  @On(AccountOpened)
  opened(event: AccountOpened, _: undefined, context: EventContext): AccountBalance {
    return { _id: context.aggregateId, owner: event.owner, balance: 0 }
  }

  @On(MoneyDeposited)
  deposited(event: MoneyDeposited, account: AccountBalance) {
    account.balance += event.amount
  }
}

export class GetBalance extends Query<number> {
  constructor(readonly accountId: string) {
    super()
  }
}

@QueryHandler(GetBalance, { reads: AccountBalance })
export class GetBalanceHandler {
  execute(query: GetBalance, balances: ReadonlyMap<string, AccountBalance>) {
    return balances.get(query.accountId)?.balance ?? 0
  }
}
