import type { CommandResult } from '../bus/command-result.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { VarveError } from '../varve-error.ts'

/**
 * A point in the past: exactly one of three. `revision`: right after that event of the stream. `position`: right
 * after the last event at or before it in the whole log. `date`: right after the last event recorded at or before
 * it.
 */
export type PointInTime =
  | { readonly revision: bigint; readonly position?: never; readonly date?: never }
  | { readonly position: bigint; readonly revision?: never; readonly date?: never }
  | { readonly date: Date; readonly revision?: never; readonly position?: never }

/** A point in the past, or what a command did: the point right after its last event. */
export type PointOrResult = PointInTime | CommandResult

const expected =
  'expected one of { revision }, { position } and { date }, or what a command returned'

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
export function describePoint({ revision, position, date }: PointInTime): string {
  if (revision !== undefined) return `revision ${revision}`
  if (position !== undefined) return `position ${position}`
  if (!(date instanceof Date)) return 'no point in time'
  return Number.isNaN(date.getTime()) ? 'an invalid date' : date.toISOString()
}

/**
 * Returns the point a caller means, checked.
 *
 * @param subject What is to be seen there, for the error.
 * @param place What the point is a point of: revisions are those of one stream. Default `stream`.
 * @throws {PointInTimeError} It is not exactly one of the three kinds, or not a valid one; or a command that emitted
 *   nothing, which has no position.
 */
export function pointOf(
  subject: string,
  given: PointOrResult,
  place: 'stream' | 'log' = 'stream',
): PointInTime {
  const found: unknown = given
  if (typeof found !== 'object' || found === null || found instanceof Date)
    throw new PointInTimeError(
      subject,
      {} as PointInTime,
      `${kindOf(found)} was given, ${expected}`,
    )
  const point = 'commandId' in given ? pointAfter(subject, given) : given
  const reason = mistakeIn(point, place)
  if (reason !== undefined) throw new PointInTimeError(subject, point, reason)
  return point
}

function mistakeIn(
  { revision, position, date }: PointInTime,
  place: 'stream' | 'log',
): string | undefined {
  const kinds = [revision, position, date].filter((value) => value !== undefined)
  if (kinds.length !== 1) return `${kinds.length} kinds of point were given, ${expected}`
  if (revision !== undefined && place === 'log')
    return 'a revision belongs to one stream; use a position or a date'
  if (date !== undefined) {
    if (!(date instanceof Date)) return `its date is ${kindOf(date)}, expected a Date`
    return Number.isNaN(date.getTime()) ? 'the date is not valid' : undefined
  }
  if (typeof (revision ?? position) !== 'bigint') return 'expected a bigint'
  return (revision ?? 0n) < 0n ? 'revisions start at 0n' : undefined
}

function kindOf(found: unknown): string {
  if (found instanceof Date) return 'a Date'
  return found === null || found === undefined ? String(found) : `a ${typeof found}`
}

function pointAfter(subject: string, { commandId, position }: CommandResult): PointInTime {
  if (position !== undefined) return { position }
  throw new PointInTimeError(
    subject,
    {} as PointInTime,
    `command ${commandId} emitted no events, so there is no position after it; use a revision or a date`,
  )
}

/** Tells whether an event is at or before a point. */
export function isWithin(
  event: Pick<RecordedEvent, 'revision' | 'position' | 'recordedAt'>,
  { revision, position, date }: PointInTime,
): boolean {
  if (revision !== undefined) return event.revision <= revision
  if (position !== undefined) return event.position <= position
  return event.recordedAt.getTime() <= date.getTime()
}
