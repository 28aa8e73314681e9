import { type Clock, type HandledEventStore, systemClock } from '@varve/core'

/** Options of {@link InMemoryHandledEventStore}. */
export interface InMemoryHandledEventStoreOptions {
  /** The store's own time. Default: the machine's clock. */
  readonly clock?: Clock
}

/** How many ids are added before those that ran out are forgotten. */
const sweepEvery = 1_000

/** Ids of handled events in memory, each for its window. */
export class InMemoryHandledEventStore implements HandledEventStore {
  readonly #clock: Clock
  /** When each id of a consumer is forgotten. */
  readonly #consumers = new Map<string, Map<string, number>>()
  #added = 0

  constructor(options: InMemoryHandledEventStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock
  }

  async handled(consumer: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const now = this.#now()
    const known = this.#consumers.get(consumer)
    return new Set(eventIds.filter((id) => (known?.get(id) ?? 0) > now))
  }

  async remember(consumer: string, eventId: string, windowMs: number): Promise<void> {
    this.#added += 1
    if (this.#added % sweepEvery === 0) this.#sweep()
    const known = this.#consumers.get(consumer)
    const expiresAt = this.#now() + windowMs
    if (known) known.set(eventId, expiresAt)
    else this.#consumers.set(consumer, new Map([[eventId, expiresAt]]))
  }

  #sweep(): void {
    const now = this.#now()
    for (const known of this.#consumers.values())
      for (const [id, expiresAt] of known) if (expiresAt <= now) known.delete(id)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
