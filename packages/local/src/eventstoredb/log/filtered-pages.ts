import type { Statement } from '../../storage/local-storage.ts'
import type { FilterOptions } from '../wire/read-request.ts'
import { type NameFilter, nameFilter } from './event-filter.ts'
import type { EventLog } from './event-log.ts'
import { type LogPage, loggedFrames } from './log-pages.ts'

/** Events looked at in one step: few where most pass, and never so many that other calls wait. */
const SMALLEST_STEP = 128
const LARGEST_STEP = 5_000

/** Reads the events of the log that pass a filter, page by page. */
export class FilteredPages {
  readonly #scan: Statement
  readonly #scanBack: Statement
  readonly #frames: Statement
  readonly #framesBack: Statement
  readonly #filter: NameFilter
  readonly #verdicts = new Map<number, boolean>()
  readonly #column: 'type' | 'stream'
  #step = SMALLEST_STEP

  constructor(
    private readonly log: EventLog,
    options: FilterOptions,
  ) {
    this.#filter = nameFilter(options)
    this.#column = options.on === 'event-type' ? 'type' : 'stream'
    const scan = `SELECT sequence, ${this.#column} FROM es_event WHERE sequence > ? AND sequence <= ?`
    const frames =
      'SELECT sequence, frame FROM es_frame WHERE sequence IN (SELECT value FROM json_each(?))'
    const prepare = (sql: string): Statement => log.storage.prepare(sql).raw(true)
    this.#scan = prepare(`${scan} ORDER BY sequence`)
    this.#scanBack = prepare(`${scan} ORDER BY sequence DESC`)
    this.#frames = prepare(`${frames} ORDER BY sequence`)
    this.#framesBack = prepare(`${frames} ORDER BY sequence DESC`)
  }

  /** Reads committed events after a sequence number that pass, `count` at most, oldest first. */
  after(sequence: number, count: number): LogPage {
    this.log.checkReadable()
    const end = Math.min(sequence + this.#step, this.log.lastSequence)
    if (sequence >= end) return { events: [], seen: sequence }
    const passing = this.#passing(this.#scan.all([sequence, end]), count)
    return this.#page(this.#frames, passing, count, end)
  }

  /** Reads committed events before a sequence number that pass, `count` at most, newest first. */
  before(sequence: number, count: number): LogPage {
    this.log.checkReadable()
    const start = Math.min(sequence - 1, this.log.lastSequence)
    const end = Math.max(start - this.#step, 0)
    const passing = this.#passing(this.#scanBack.all([end, start]), count)
    // `before` excludes its argument, so that the next page starts at the last event not looked at.
    return this.#page(this.#framesBack, passing, count, end + 1)
  }

  #page(frames: Statement, passing: readonly number[], count: number, end: number): LogPage {
    this.#adapt(passing.length === count)
    if (passing.length === 0) return { events: [], seen: end }
    const events = loggedFrames(frames.all([JSON.stringify(passing)]))
    return { events, seen: passing.length < count ? end : (passing.at(-1) ?? end) }
  }

  #passing(rows: unknown, count: number): number[] {
    const passing: number[] = []
    for (const [sequence, name] of rows as [number, number][]) {
      if (!this.#passes(name)) continue
      passing.push(sequence)
      if (passing.length === count) break
    }
    return passing
  }

  #passes(id: number): boolean {
    const known = this.#verdicts.get(id)
    if (known !== undefined) return known
    const names = this.#column === 'type' ? this.log.types : this.log.streams.names
    const verdict = this.#filter(names.nameOf(id))
    if (this.#verdicts.size >= MOST_VERDICTS) this.#verdicts.clear()
    this.#verdicts.set(id, verdict)
    return verdict
  }

  #adapt(isFull: boolean): void {
    this.#step = isFull
      ? Math.max(SMALLEST_STEP, this.#step / 2)
      : Math.min(LARGEST_STEP, this.#step * 2)
  }
}

const MOST_VERDICTS = 100_000
