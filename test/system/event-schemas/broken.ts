import { IsString } from 'class-validator'
import { Event } from 'varve'

@Event('account.opened')
export class AccountOpened {
  @IsString() owner!: string
  @IsString() branch!: string
}

export const definitions = [AccountOpened]
