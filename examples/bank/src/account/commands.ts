import { IsInt, IsISO8601, IsNotEmpty, IsPositive, IsString, Min } from 'class-validator'
import { AggregateId, Command } from 'varve'

@Command('account.open')
export class OpenAccount {
  @AggregateId() @IsString() @IsNotEmpty() readonly accountId!: string
  @IsString() @IsNotEmpty() readonly owner!: string
  @IsInt() @Min(0) readonly overdraftLimitCents!: number
  @IsISO8601({ strict: true }) readonly on!: string
}

@Command('account.deposit')
export class Deposit {
  @AggregateId() @IsString() @IsNotEmpty() readonly accountId!: string
  @IsInt() @IsPositive() readonly amountCents!: number
  @IsISO8601({ strict: true }) readonly on!: string
}

@Command('account.withdraw')
export class Withdraw {
  @AggregateId() @IsString() @IsNotEmpty() readonly accountId!: string
  @IsInt() @IsPositive() readonly amountCents!: number
  @IsISO8601({ strict: true }) readonly on!: string
}

@Command('account.close')
export class CloseAccount {
  @AggregateId() @IsString() @IsNotEmpty() readonly accountId!: string
  @IsISO8601({ strict: true }) readonly on!: string
}
