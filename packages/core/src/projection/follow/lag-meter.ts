import type { SubscriptionBatch } from '../../event-store/event-subscription.ts'

/** How far behind the log a projection is. */
export interface ProjectionLag {
  /**
   * Events still to apply: 0 when caught up, otherwise an estimate by how far apart the events were so far, since
   * positions count bytes and not events. Undefined while unknown.
   */
  readonly events: number | undefined
  /** Age of what was applied last, in seconds; 0 when caught up. Undefined while unknown. */
  readonly seconds: number | undefined
}

/** Measures the lag of one worker. */
export class LagMeter {
  #isCaughtUp = false
  #recordedAt: number | undefined
  #first: bigint | undefined
  #position: bigint | undefined
  #head: bigint | undefined
  #events = 0

  /** Whether the worker has reached the end of the log since it started. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp
  }

  note({ events, position, isCaughtUp }: SubscriptionBatch): void {
    this.#isCaughtUp = isCaughtUp
    this.#first ??= events[0]?.position
    this.#events += events.length
    this.#recordedAt = events.at(-1)?.recordedAt.getTime() ?? this.#recordedAt
    this.#position = position ?? this.#position
  }

  /** Notes where the log ends. */
  noteHead(head: bigint | undefined): void {
    this.#head = head
  }

  measure(now: number): ProjectionLag {
    if (this.#isCaughtUp) return { events: 0, seconds: 0 }
    return {
      events: this.#estimate(),
      seconds:
        this.#recordedAt === undefined ? undefined : Math.max(0, now - this.#recordedAt) / 1_000,
    }
  }

  #estimate(): number | undefined {
    if (this.#head === undefined || this.#first === undefined || this.#position === undefined)
      return undefined
    if (this.#head <= this.#position) return 0
    const apart = Math.max(1, Number(this.#position - this.#first) / Math.max(1, this.#events))
    return Math.ceil(Number(this.#head - this.#position) / apart)
  }
}
