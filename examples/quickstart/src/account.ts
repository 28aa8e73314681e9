import { IsPositive, IsString } from 'class-validator'
import { Aggregate, AggregateId, AggregateRoot, Applies, Command, Event, Handles } from 'varve'

// #region deposit
@Command('account.deposit')
export class Deposit {
  @AggregateId() @IsString() readonly accountId!: string
  @IsPositive() readonly amount!: number
}

@Event('account.deposited')
export class MoneyDeposited {
  constructor(readonly amount: number) {}
}
// #endregion deposit

@Command('account.withdraw')
export class Withdraw {
  @AggregateId() @IsString() readonly accountId!: string
  @IsPositive() readonly amount!: number
}

@Event('account.withdrawn')
export class MoneyWithdrawn {
  constructor(readonly amount: number) {}
}

export class NotEnoughMoney extends Error {}

// #region account
@Aggregate('account')
export class Account extends AggregateRoot {
  balance = 0

  @Handles(Deposit)
  deposit({ amount }: Deposit) {
    this.emit(new MoneyDeposited(amount))
  }

  @Handles(Withdraw)
  withdraw({ amount }: Withdraw) {
    if (amount > this.balance) throw new NotEnoughMoney(`There are only ${this.balance} left.`)
    this.emit(new MoneyWithdrawn(amount))
  }

  @Applies(MoneyDeposited)
  deposited({ amount }: MoneyDeposited) {
    this.balance += amount
  }

  @Applies(MoneyWithdrawn)
  withdrawn({ amount }: MoneyWithdrawn) {
    this.balance -= amount
  }
}
// #endregion account
