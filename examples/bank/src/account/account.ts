import { Aggregate, AggregateRoot, Applies, Handles } from 'varve'
import { CloseAccount, Deposit, OpenAccount, Withdraw } from './commands.ts'
import { AccountRefusal } from './account-refusal.ts'
import { AccountClosed, AccountOpened, MoneyDeposited, MoneyWithdrawn } from './events.ts'

@Aggregate('account', { snapshot: { every: 100, version: 1 } })
export class Account extends AggregateRoot {
  balanceCents = 0
  private overdraftLimitCents = 0
  private state: 'new' | 'open' | 'closed' = 'new'

  @Handles(OpenAccount)
  open({ owner, overdraftLimitCents, on }: OpenAccount) {
    if (this.state !== 'new') throw new AccountRefusal(this.aggregateId, 'it was opened before')
    this.emit(new AccountOpened(owner, overdraftLimitCents, on))
  }

  @Handles(Deposit)
  deposit({ amountCents, on }: Deposit) {
    this.mustBeOpen()
    this.emit(new MoneyDeposited(amountCents, this.balanceCents + amountCents, on))
  }

  @Handles(Withdraw)
  withdraw({ amountCents, on }: Withdraw) {
    this.mustBeOpen()
    const balanceCents = this.balanceCents - amountCents
    if (balanceCents < -this.overdraftLimitCents)
      throw new AccountRefusal(
        this.aggregateId,
        `${amountCents} cents would leave ${balanceCents}, below the overdraft limit of ${this.overdraftLimitCents}`,
      )
    this.emit(new MoneyWithdrawn(amountCents, balanceCents, on))
  }

  @Handles(CloseAccount)
  close({ on }: CloseAccount) {
    this.mustBeOpen()
    if (this.balanceCents !== 0)
      throw new AccountRefusal(this.aggregateId, `its balance is ${this.balanceCents} cents, not 0`)
    this.emit(new AccountClosed(on))
  }

  @Applies(AccountOpened)
  opened(event: AccountOpened) {
    this.state = 'open'
    this.overdraftLimitCents = event.overdraftLimitCents
  }

  @Applies(MoneyDeposited)
  @Applies(MoneyWithdrawn)
  booked(event: MoneyDeposited | MoneyWithdrawn) {
    this.balanceCents = event.balanceCents
  }

  @Applies(AccountClosed)
  closed() {
    this.state = 'closed'
  }

  private mustBeOpen() {
    if (this.state !== 'open') throw new AccountRefusal(this.aggregateId, `it is ${this.state}`)
  }
}
