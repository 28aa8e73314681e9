import { VarveError } from '../varve-error.ts'

/**
 * A point in the past. `revision`: right after that event of the stream. `position`: right after the last
 * event at or before it in the whole log. `date`: right after the last event recorded at or before it.
 */
export type PointInTime =
  { readonly revision: bigint } | { readonly position: bigint } | { readonly date: Date }

/** A kind of point in time does not apply to what was asked, or lies outside of its past. */
export class PointInTimeError extends VarveError {
  readonly code = 'POINT_IN_TIME'
  constructor(
    readonly subject: string,
    readonly point: PointInTime,
    reason: string,
  ) {
    super(`${subject} cannot be seen at ${describePoint(point)}: ${reason}.`)
  }
}

/** Writes a point for people. */
export function describePoint(point: PointInTime): string {
  if ('revision' in point) return `revision ${point.revision}`
  if ('position' in point) return `position ${point.position}`
  return Number.isNaN(point.date.getTime()) ? 'an invalid date' : point.date.toISOString()
}
