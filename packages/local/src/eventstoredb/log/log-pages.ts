import type { Statement } from '../../storage/local-storage.ts'
import type { EventLog } from './event-log.ts'

/** One event of the log, as stored. */
export interface LoggedFrame {
  readonly sequence: number
  readonly frame: Buffer
}

/** Some events of the log. */
export interface LogPage {
  readonly events: readonly LoggedFrame[]
  /** Everything up to this sequence number, in the direction of the read, has been looked at. */
  readonly seen: number
}

/** Reads the whole log page by page. */
export class LogPages {
  readonly #forwards: Statement
  readonly #backwards: Statement

  constructor(private readonly log: EventLog) {
    const select = 'SELECT sequence, frame FROM es_frame WHERE '
    this.#forwards = log.storage
      .prepare(`${select} sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`)
      .raw(true)
    this.#backwards = log.storage
      .prepare(`${select} sequence < ? AND sequence <= ? ORDER BY sequence DESC LIMIT ?`)
      .raw(true)
  }

  /** Reads committed events after a sequence number, oldest first. */
  after(sequence: number, count: number): LogPage {
    this.log.checkReadable()
    const last = this.log.lastSequence
    if (sequence >= last) return { events: [], seen: sequence }
    const events = loggedFrames(this.#forwards.all([sequence, last, count]))
    return { events, seen: events.length < count ? last : (events.at(-1)?.sequence ?? last) }
  }

  /** Reads committed events before a sequence number, newest first. */
  before(sequence: number, count: number): LogPage {
    this.log.checkReadable()
    const events = loggedFrames(this.#backwards.all([sequence, this.log.lastSequence, count]))
    return { events, seen: events.length < count ? 0 : (events.at(-1)?.sequence ?? 0) }
  }
}

/** Rows of sequence number and frame. */
export function loggedFrames(rows: unknown): LoggedFrame[] {
  return (rows as [number, ArrayBuffer][]).map(([sequence, bytes]) => ({
    sequence,
    frame: Buffer.from(bytes),
  }))
}
