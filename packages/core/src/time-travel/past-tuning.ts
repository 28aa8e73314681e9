/** How queries of the past are answered where a read model has no history. */
export interface PastTuning {
  /** Most events folded for one query; more are refused with `PastTooLargeError`. Default 10,000,000. */
  readonly mostEvents?: number
  /** How long what was folded is kept for the next query of the same point, in milliseconds. Default 60,000. */
  readonly keepMs?: number
}

/** How far the fold for a query of the past is. */
export interface PastProgress {
  readonly projection: string
  /** Events folded so far. */
  readonly events: number
  /** Position of the last one. */
  readonly position: bigint
}

/** Fills in the defaults. */
export function resolvePastTuning(tuning: PastTuning): Required<PastTuning> {
  return { mostEvents: tuning.mostEvents ?? 10_000_000, keepMs: tuning.keepMs ?? 60_000 }
}
