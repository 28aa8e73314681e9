import {
  Aggregate,
  AggregateRoot,
  Applies,
  Event,
  type EventContext,
  On,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
  type ReadModelView,
  upcast,
} from 'varve'

/** Renamed, with a field that was renamed. */
@Event('account.opened', {
  version: 2,
  aliases: ['account.created'],
  upcast: [
    upcast.from<{ name: string; day: string }>(1, ({ name, day }) => ({
      owner: name,
      openedOn: day,
    })),
  ],
})
export class AccountOpened {
  constructor(
    readonly owner: string,
    readonly openedOn: string,
  ) {}
}

interface First {
  readonly kind: 'deposit' | 'withdrawal'
  readonly amount: string
  readonly balance: string
  readonly day: string
}
type Second = Omit<First, 'day'> & { readonly bookedOn: string }
interface Third {
  readonly cents: number
  readonly balanceCents: number
  readonly bookedOn: string
}

/** Changed three times: a field renamed, texts made numbers, split in two. */
@Event('account.booked', {
  version: 4,
  upcast: [
    upcast.from<First, Second>(1, ({ day, ...rest }) => ({ ...rest, bookedOn: day })),
    upcast.from<Second, Third>(2, ({ kind, amount, balance, bookedOn }) => ({
      cents: Math.round(Number(amount) * (kind === 'deposit' ? 100 : -100)),
      balanceCents: Math.round(Number(balance) * 100),
      bookedOn,
    })),
    upcast.split<Third>(3, ['account.booked', 'account.balance-stated'], (third) => [
      {
        type: 'account.booked',
        version: 4,
        data: { cents: third.cents, bookedOn: third.bookedOn },
      },
      {
        type: 'account.balance-stated',
        version: 1,
        data: { balanceCents: third.balanceCents },
      },
    ]),
  ],
})
export class Booked {
  constructor(
    readonly cents: number,
    readonly bookedOn: string,
  ) {}
}

@Event('account.balance-stated')
export class BalanceStated {
  constructor(readonly balanceCents: number) {}
}

@Aggregate('account', { snapshot: { every: 5, version: 1 } })
export class Account extends AggregateRoot {
  owner = ''
  /** Added up. */
  cents = 0
  /** As stated with each booking. */
  statedCents = 0
  bookings = 0

  @Applies(AccountOpened)
  opened({ owner }: AccountOpened) {
    this.owner = owner
  }

  @Applies(Booked)
  booked({ cents }: Booked) {
    this.cents += cents
    this.bookings += 1
  }

  @Applies(BalanceStated)
  stated({ balanceCents }: BalanceStated) {
    this.statedCents = balanceCents
  }
}

@ReadModel('balances', { history: true })
export class Balance {
  readonly _id!: string
  owner!: string
  cents!: number
  statedCents!: number
  bookings!: number
}

@Projection('balances', { into: Balance })
export class Balances {
  @On(AccountOpened)
  opened({ owner }: AccountOpened, _: undefined, { aggregateId }: EventContext): Balance {
    return { _id: aggregateId, owner, cents: 0, statedCents: 0, bookings: 0 }
  }

  @On(Booked)
  booked({ cents }: Booked, balance: Balance) {
    balance.cents += cents
    balance.bookings += 1
  }

  @On(BalanceStated)
  stated({ balanceCents }: BalanceStated, balance: Balance) {
    balance.statedCents = balanceCents
  }
}

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

export const definitions = [Account, Balances, GetBalanceHandler]
