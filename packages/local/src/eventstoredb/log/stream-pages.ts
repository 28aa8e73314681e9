import type { Statement } from '../../storage/local-storage.ts'
import type { EventLog } from './event-log.ts'
import { firstReadable } from './retention.ts'
import type { StreamState } from './stream-states.ts'

/** Some events of one stream, as stored. */
export interface StreamPage {
  readonly frames: readonly Buffer[]
  /** Revisions of the frames. */
  readonly revisions: readonly number[]
  /** Revision to read from next. */
  readonly next: number
  /** Whether there is nothing more in this direction now. */
  readonly end: boolean
}

const SELECT = `SELECT e.revision, f.frame FROM es_event e INDEXED BY es_event_of_stream
  JOIN es_frame f ON f.sequence = e.sequence WHERE e.stream = ?`

/** Reads streams page by page. */
export class StreamPages {
  readonly #forwards: Statement
  readonly #backwards: Statement
  readonly #youngForwards: Statement
  readonly #youngBackwards: Statement

  constructor(private readonly log: EventLog) {
    const statement = (rest: string): Statement => log.storage.prepare(SELECT + rest).raw(true)
    this.#forwards = statement(' AND e.revision >= ? ORDER BY e.revision LIMIT ?')
    this.#backwards = statement(
      ' AND e.revision <= ? AND e.revision >= ? ORDER BY e.revision DESC LIMIT ?',
    )
    this.#youngForwards = statement(
      ' AND e.revision >= ? AND e.created >= ? ORDER BY e.revision LIMIT ?',
    )
    this.#youngBackwards = statement(
      ' AND e.revision <= ? AND e.revision >= ? AND e.created >= ? ORDER BY e.revision DESC LIMIT ?',
    )
  }

  /** Reads events that retention leaves, oldest first. */
  forwards(state: StreamState, from: number, count: number): StreamPage {
    this.log.checkReadable()
    const { retention, last } = state
    const first = Math.max(from, firstReadable(retention, last))
    if (state.id === undefined || first > last)
      return { frames: [], revisions: [], next: first, end: true }
    const rows =
      retention.maxAgeMs === Infinity
        ? this.#forwards.all([state.id, first, count])
        : this.#youngForwards.all([state.id, first, Date.now() - retention.maxAgeMs, count])
    return page(rows as Row[], count, 1, Math.max(first, last + 1))
  }

  /** Reads everything there is, hidden or not, oldest first: what a live subscription is told. */
  raw(state: StreamState, from: number, count: number): StreamPage {
    this.log.checkReadable()
    if (state.id === undefined || from > state.last)
      return { frames: [], revisions: [], next: from, end: true }
    const rows = this.#forwards.all([state.id, from, count]) as Row[]
    return page(rows, count, 1, from)
  }

  /** Reads events that retention leaves, newest first. */
  backwards(state: StreamState, from: number, count: number): StreamPage {
    this.log.checkReadable()
    const { retention, last } = state
    const first = firstReadable(retention, last)
    const start = Math.min(from, last)
    if (state.id === undefined || start < first)
      return { frames: [], revisions: [], next: -1, end: true }
    const rows =
      retention.maxAgeMs === Infinity
        ? this.#backwards.all([state.id, start, first, count])
        : this.#youngBackwards.all([state.id, start, first, Date.now() - retention.maxAgeMs, count])
    return page(rows as Row[], count, -1, -1)
  }
}

type Row = readonly [revision: number, frame: ArrayBuffer]

function page(rows: readonly Row[], count: number, step: 1 | -1, atEnd: number): StreamPage {
  const last = rows.at(-1)
  return {
    frames: rows.map((row) => Buffer.from(row[1])),
    revisions: rows.map((row) => row[0]),
    next: last ? last[0] + step : atEnd,
    end: rows.length < count,
  }
}
