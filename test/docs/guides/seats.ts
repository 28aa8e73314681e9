// #region aggregate
import { Aggregate, AggregateId, AggregateRoot, Applies, Command, Event, Handles } from 'varve'

@Event('seat.held')
export class SeatHeld {
  constructor(
    readonly seat: string,
    readonly guest: string,
  ) {}
}

@Command('show.hold-seat')
export class HoldSeat {
  @AggregateId() readonly showId!: string
  readonly seat!: string
  readonly guest!: string
}

@Aggregate('show', {
  cache: { most: 500, maxAgeMs: 30_000 },
  snapshot: { every: 100, afterLoadMs: 200, keep: 3, version: 2, upcast: seatsOfVersion1 },
})
export class Show extends AggregateRoot {
  private readonly guests = new Map<string, string>()

  @Handles(HoldSeat)
  hold({ seat, guest }: HoldSeat) {
    if (this.guests.has(seat)) throw new RangeError(`Seat ${seat} is taken.`)
    this.emit(new SeatHeld(seat, guest))
  }

  @Applies(SeatHeld)
  held({ seat, guest }: SeatHeld) {
    this.guests.set(seat, guest)
  }
}
// #endregion aggregate

// #region upcast
import type { JsonValue } from 'varve'

/** Version 1 had only the names of the seats. */
function seatsOfVersion1(state: JsonValue, version: number): JsonValue | undefined {
  if (version !== 1) return undefined
  const { seats } = state as { readonly seats: readonly string[] }
  return { guests: { $varve: 'map', value: seats.map((seat) => [seat, 'unknown']) } }
}
// #endregion upcast
