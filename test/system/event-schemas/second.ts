import { IsInt, IsString } from 'class-validator'
import { Event, upcast } from 'varve'

@Event('account.opened', {
  version: 2,
  upcast: [upcast.from<{ branch: number }>(1, (old) => ({ ...old, branch: String(old.branch) }))],
})
export class AccountOpened {
  @IsString() owner!: string
  @IsString() branch!: string
}

@Event('account.limited')
export class AccountLimited {
  @IsInt() limit!: number
}

export const definitions = [AccountOpened, AccountLimited]
