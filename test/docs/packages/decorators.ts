// #region account
import { AggregateRoot, buildModel } from '@varve/core'
import {
  Aggregate,
  AggregateId,
  Applies,
  collectDefinitions,
  Command,
  Event,
  Handles,
} from '@varve/decorators'

@Event('account.deposited')
class MoneyDeposited {
  constructor(readonly amount: number) {}
}

@Command('account.deposit')
class Deposit {
  @AggregateId() readonly accountId!: string
  readonly amount!: number
}

@Aggregate('account')
class Account extends AggregateRoot {
  private balance = 0

  @Handles(Deposit)
  deposit(command: Deposit) {
    this.emit(new MoneyDeposited(command.amount))
  }

  @Applies(MoneyDeposited)
  deposited(event: MoneyDeposited) {
    this.balance += event.amount
  }
}

const { definitions, mistakes } = collectDefinitions([Account])
export const model = buildModel(definitions, mistakes) // throws one ConfigurationError that lists every mistake
// #endregion account
