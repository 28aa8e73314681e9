import { VarveError } from '../varve-error.ts'
import { describePoint, type PointInTime } from './point-in-time.ts'

/** A query of the past needs more events to be folded again than it may. */
export class PastTooLargeError extends VarveError {
  readonly code = 'PAST_TOO_LARGE'
  constructor(
    readonly projection: string,
    readonly point: PointInTime,
    /** Most events that may be folded for one query. */
    readonly most: number,
  ) {
    super(
      `Projection "${projection}" has more than ${most} events up to ${describePoint(point)}, the most that may be folded for a query of the past. Give its read models a history, ask for documents by _id, or allow more.`,
    )
  }
}
