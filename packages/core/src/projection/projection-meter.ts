import type { FoldPlan } from './fold/fold-plan.ts'

/** What a batch goes through. */
export type ProjectionPhase = 'load' | 'fold' | 'commit'

/** What a projection did in this process since its start, as plain numbers. */
export interface ProjectionMetrics {
  /** Events folded or written into at least one document, or passed over as not for any. */
  readonly eventsApplied: number
  /** Steps that were in their documents already, after a crash between documents and checkpoint. */
  readonly eventsRepeated: number
  /** Steps of events into documents. */
  readonly steps: number
  /** Events that failed for a document: each failed try counts. */
  readonly failures: number
  /** Events put to dead letters, those that wait behind others included. */
  readonly lettersWritten: number
  /** Letters applied or discarded. */
  readonly lettersSettled: number
  /** Commits. */
  readonly batches: number
  /** Events of the largest batch. */
  readonly largestBatch: number
  /** Starts over after a server failed or another worker took over, and tries of a failing event. */
  readonly retries: number
  /** Time spent, in milliseconds. */
  readonly phasesMs: Readonly<Record<ProjectionPhase, number>>
  /** Events applied per second over the last ten seconds with any. */
  readonly eventsPerSecond: number
}

type Count =
  'eventsApplied' | 'failures' | 'lettersWritten' | 'lettersSettled' | 'batches' | 'retries'

const windowMs = 1_000
const windows = 10

/** Counts what a projection does. */
export class ProjectionMeter {
  readonly #counts = {
    eventsApplied: 0,
    eventsRepeated: 0,
    steps: 0,
    failures: 0,
    lettersWritten: 0,
    lettersSettled: 0,
    batches: 0,
    largestBatch: 0,
    retries: 0,
  }
  readonly #phasesMs: Record<ProjectionPhase, number> = { load: 0, fold: 0, commit: 0 }
  /** Events by second, the newest last. */
  #rates: { second: number; events: number }[] = []

  add(count: Count, by = 1): void {
    this.#counts[count] += by
  }

  /** Notes a batch of events that is stored. */
  applied(events: number): void {
    this.#counts.batches += 1
    this.#counts.eventsApplied += events
    this.#counts.largestBatch = Math.max(this.#counts.largestBatch, events)
    const second = Math.floor(performance.now() / windowMs)
    const last = this.#rates.at(-1)
    if (last?.second === second) last.events += events
    else this.#rates = [...this.#rates.slice(1 - windows), { second, events }]
  }

  note({ steps, updates }: FoldPlan, repeated: number): void {
    this.#counts.steps += steps.length + updates.length
    this.#counts.eventsRepeated += repeated
  }

  async measure<Result>(phase: ProjectionPhase, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      this.#phasesMs[phase] += performance.now() - startedAt
    }
  }

  measureNow<Result>(phase: ProjectionPhase, work: () => Result): Result {
    const startedAt = performance.now()
    try {
      return work()
    } finally {
      this.#phasesMs[phase] += performance.now() - startedAt
    }
  }

  get metrics(): ProjectionMetrics {
    const now = Math.floor(performance.now() / windowMs)
    const recent = this.#rates.filter(({ second }) => second > now - windows)
    const seconds = Math.max(1, now - (recent[0]?.second ?? now))
    const events = recent.reduce((sum, one) => sum + one.events, 0)
    return {
      ...this.#counts,
      phasesMs: { ...this.#phasesMs },
      eventsPerSecond: Math.round(events / seconds),
    }
  }
}
