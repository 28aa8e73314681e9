import type { EventLog } from '../log/event-log.ts'
import { FilteredPages } from '../log/filtered-pages.ts'
import { LogPages } from '../log/log-pages.ts'
import { firstSequenceFrom, positionOf } from '../log/log-position.ts'
import { StreamPages } from '../log/stream-pages.ts'
import { isTombstoned } from '../log/stream-states.ts'
import type { ReadFrom } from '../wire/read-request.ts'
import { ALL, type GroupSettings } from './group-settings.ts'

/** An event on its way to a group; the cursor is its revision, or its sequence number in the log. */
export interface SourceEvent {
  readonly cursor: number
  readonly frame: Buffer
}

/** What a group reads from, one event after the other. */
export interface GroupSource {
  /** Reads events after the cursor; `seen` is the cursor up to which everything has been looked at. */
  read(after: number, count: number): { events: readonly SourceEvent[]; seen: number }
  /** The cursor before the first event of a group that starts here. */
  cursorBefore(from: ReadFrom): number
  /** The last cursor there is now. */
  end(): number
  /** A cursor the way the server shows it. */
  describe(cursor: number): string
  /** A start the way the server shows it. */
  describeStart(from: ReadFrom): string
}

/** The source of a group. */
export function groupSource(
  log: EventLog,
  source: string,
  { filter }: Pick<GroupSettings, 'filter'>,
): GroupSource {
  if (source !== ALL) return new StreamSource(log, source)
  return new AllSource(log, filter ? new FilteredPages(log, filter) : new LogPages(log))
}

class StreamSource implements GroupSource {
  readonly #pages: StreamPages

  constructor(
    private readonly log: EventLog,
    private readonly stream: string,
  ) {
    this.#pages = new StreamPages(log)
  }

  read(after: number, count: number): { events: readonly SourceEvent[]; seen: number } {
    const state = this.log.streams.get(this.stream)
    if (isTombstoned(state)) return { events: [], seen: after }
    const { revisions, frames } = this.#pages.forwards(state, after + 1, count)
    const events = frames.map((frame, index) => ({ cursor: revisions[index] ?? after, frame }))
    return { events, seen: events.at(-1)?.cursor ?? after }
  }

  cursorBefore(from: ReadFrom): number {
    if (from === 'start') return -1
    return from === 'end' ? this.end() : from - 1
  }

  end(): number {
    return this.log.streams.get(this.stream).last
  }

  describe(cursor: number): string {
    return String(cursor)
  }

  describeStart(from: ReadFrom): string {
    if (from === 'start') return '0'
    return from === 'end' ? '-1' : String(from)
  }
}

class AllSource implements GroupSource {
  constructor(
    private readonly log: EventLog,
    private readonly pages: LogPages | FilteredPages,
  ) {}

  read(after: number, count: number): { events: readonly SourceEvent[]; seen: number } {
    const { events, seen } = this.pages.after(after, count)
    return { events: events.map(({ sequence, frame }) => ({ cursor: sequence, frame })), seen }
  }

  cursorBefore(from: ReadFrom): number {
    if (from === 'start') return 0
    return from === 'end' ? this.end() : Math.max(firstSequenceFrom(from) - 1, 0)
  }

  end(): number {
    return this.log.lastSequence
  }

  describe(cursor: number): string {
    return allPosition(positionOf(cursor))
  }

  describeStart(from: ReadFrom): string {
    if (from === 'start') return allPosition(0)
    return allPosition(from === 'end' ? -1 : from)
  }
}

function allPosition(position: number): string {
  return `C:${position}/P:${position}`
}
