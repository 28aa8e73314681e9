import type { Clock } from '../../environment/clock.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { headOf } from '../../event-store/log-head.ts'

/**
 * What a rebuild is doing. `replaying`: filling the new generation. `indexing`: making the indexes that were left out
 * of the bulk. `switching`: the last events and the alias. `comparing`: looking for differences, in a dry run.
 * `done`: readers see it, or the differences are known.
 */
export type RebuildPhase = 'replaying' | 'indexing' | 'switching' | 'comparing' | 'done'

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly projection: string
  readonly phase: RebuildPhase
  /** Events replayed so far by this process; 0 where another one rebuilds, and this one waits for it. */
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
  /** Where this process began to count: what came before took another one's time. */
  #start: bigint | undefined
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

  /** Notes where the replay begins. */
  begin(position: bigint | undefined): void {
    this.#start = this.#position = position
  }

  /** Notes a batch and reports. */
  advance(events: number, position: bigint | undefined, phase: RebuildPhase): void {
    this.#events += events
    this.#position = position ?? this.#position
    const { head } = this
    const ratio = phase === 'done' ? 1 : ratioOf(0n, this.#position, head)
    const done = phase === 'done' ? 1 : ratioOf(this.#start ?? 0n, this.#position, head)
    const elapsed = Math.max(1, this.elapsedMs)
    this.#report({
      projection: this.#projection,
      phase,
      events: this.#events,
      position: this.#position,
      head,
      ratio,
      eventsPerSecond: Math.round((this.#events * 1000) / elapsed),
      etaMs: done > 0 ? Math.round((elapsed * (1 - done)) / done) : undefined,
    })
  }
}

function ratioOf(from: bigint, position: bigint | undefined, head: bigint | undefined): number {
  if (head === undefined || head <= from) return 1
  return Math.min(1, Math.max(0, Number((position ?? from) - from) / Number(head - from)))
}
