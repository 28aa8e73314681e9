import { Aggregate, AggregateId, AggregateRoot, Applies, Command, Event, Handles } from 'varve'

/** The events as they were declared first. */
@Event('account.created')
export class AccountCreated {
  constructor(
    readonly name: string,
    readonly day: string,
  ) {}
}

@Event('account.booked')
export class Booked {
  constructor(
    readonly kind: 'deposit' | 'withdrawal',
    /** In units, as text: `12.30`. */
    readonly amount: string,
    readonly balance: string,
    readonly day: string,
  ) {}
}

@Command('account.book')
export class Book {
  @AggregateId() readonly accountId!: string
  readonly kind!: 'deposit' | 'withdrawal'
  readonly cents!: number
  readonly day!: string
}

@Aggregate('account')
export class OldAccount extends AggregateRoot {
  balanceCents = 0
  bookings = 0

  @Handles(Book)
  book({ accountId, kind, cents, day }: Book) {
    if (this.bookings === 0) this.emit(new AccountCreated(`Owner of ${accountId}`, day))
    const balance = this.balanceCents + (kind === 'deposit' ? cents : -cents)
    this.emit(new Booked(kind, inUnits(cents), inUnits(balance), day))
  }

  @Applies(Booked)
  booked({ balance }: Booked) {
    this.balanceCents = Math.round(Number(balance) * 100)
    this.bookings += 1
  }
}

function inUnits(cents: number): string {
  return (cents / 100).toFixed(2)
}
