import type { Clock } from '../../environment/clock.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { headOf } from '../../event-store/log-head.ts'

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly projection: string
  /** `replaying`: filling the new generation. `switching`: the last events and the alias. `done`: readers see it. */
  readonly phase: 'replaying' | 'switching' | 'done'
  /** Events replayed so far. */
  readonly events: number
  readonly position: bigint | undefined
  /** Position of the end of the log when the rebuild started. */
  readonly head: bigint | undefined
  /** 0 to 1, by position. */
  readonly ratio: number
  readonly eventsPerSecond: number
  /** Estimated time to the end, in milliseconds; undefined while unknown. */
  readonly etaMs: number | undefined
}

/** Counts a rebuild. */
export class ProgressMeter {
  readonly #projection: string
  readonly #clock: Clock
  readonly #report: (progress: RebuildProgress) => void
  readonly #startedAt: number
  #events = 0
  #position: bigint | undefined

  private constructor(
    projection: string,
    clock: Clock,
    report: (progress: RebuildProgress) => void,
    readonly head: bigint | undefined,
  ) {
    this.#projection = projection
    this.#clock = clock
    this.#report = report
    this.#startedAt = clock.now().getTime()
  }

  /** Starts the count; reads where the log ends. */
  static async start(
    projection: string,
    ports: { readonly clock: Clock; readonly eventStore: EventStore },
    report: (progress: RebuildProgress) => void,
  ): Promise<ProgressMeter> {
    return new ProgressMeter(projection, ports.clock, report, await headOf(ports.eventStore))
  }

  get events(): number {
    return this.#events
  }

  get elapsedMs(): number {
    return this.#clock.now().getTime() - this.#startedAt
  }

  /** Notes a batch and reports. */
  advance(events: number, position: bigint | undefined, phase: RebuildProgress['phase']): void {
    this.#events += events
    this.#position = position ?? this.#position
    const { head } = this
    const ratio =
      phase === 'done' || head === undefined || head === 0n
        ? 1
        : Math.min(1, Number(this.#position ?? 0n) / Number(head))
    const elapsed = Math.max(1, this.elapsedMs)
    this.#report({
      projection: this.#projection,
      phase,
      events: this.#events,
      position: this.#position,
      head,
      ratio,
      eventsPerSecond: Math.round((this.#events * 1000) / elapsed),
      etaMs: ratio > 0 ? Math.round((elapsed * (1 - ratio)) / ratio) : undefined,
    })
  }
}
