import { IsInt, IsString } from 'class-validator'
import { Aggregate, AggregateRoot, Applies, Event } from 'varve'

@Event('account.opened')
export class AccountOpened {
  @IsString() owner!: string
  @IsInt() branch!: number
}

@Aggregate('account')
export class Account extends AggregateRoot {
  @Applies(AccountOpened)
  opened(_event: AccountOpened): void {
    // Only the event counts here.
  }
}

export const definitions = [Account]
