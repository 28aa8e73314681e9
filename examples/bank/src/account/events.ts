import { Event } from 'varve'

/** A booking day, `YYYY-MM-DD`. */
export type Day = string

@Event('account.opened')
export class AccountOpened {
  constructor(
    readonly owner: string,
    readonly overdraftLimitCents: number,
    readonly openedOn: Day,
  ) {}
}

@Event('account.deposited')
export class MoneyDeposited {
  constructor(
    readonly amountCents: number,
    readonly balanceCents: number,
    readonly bookedOn: Day,
  ) {}
}

@Event('account.withdrawn')
export class MoneyWithdrawn {
  constructor(
    readonly amountCents: number,
    readonly balanceCents: number,
    readonly bookedOn: Day,
  ) {}
}

@Event('account.closed')
export class AccountClosed {
  constructor(readonly closedOn: Day) {}
}
