import type { CommandIds } from './command-ids.ts'
import type { LoadedAggregate } from './aggregate-repository.ts'

/** An aggregate between two commands. */
export interface KeptAggregate<State = unknown> {
  readonly loaded: LoadedAggregate<State>
  /** Ids of all commands that wrote it; undefined: never asked for. */
  readonly ids: CommandIds | undefined
  /** When its stream was last read, in milliseconds. */
  readonly readAt: number
}

/**
 * Keeps the aggregates used last. What a command takes is gone until the command puts it back, so a command that
 * fails, or whose outcome nobody knows, leaves nothing behind that a later one could be decided on.
 */
export class AggregateCache<State = unknown> {
  /** The one used longest ago first. */
  readonly #kept = new Map<string, KeptAggregate<State>>()
  readonly #most: number

  /** @param most How many to keep. */
  constructor(most: number) {
    this.#most = most
  }

  /** Hands an aggregate over; undefined where it is not kept. */
  take(id: string): KeptAggregate<State> | undefined {
    const kept = this.#kept.get(id)
    if (kept) this.#kept.delete(id)
    return kept
  }

  /** Keeps an aggregate, in the place of the one used longest ago where there are too many. */
  put(id: string, kept: KeptAggregate<State>): void {
    this.#kept.set(id, kept)
    if (this.#kept.size <= this.#most) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      return
    }
  }
}
