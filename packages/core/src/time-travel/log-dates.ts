import type { EventStore } from '../event-store/event-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'

/** A part of the log that was read before. */
interface KnownPage {
  /** Position of its first event. */
  readonly first: bigint
  readonly size: number
  /** When the earliest of its events was recorded, in milliseconds. */
  readonly earliest: number
}

/**
 * Finds positions by date.
 *
 * A log has no index by date, and can be read from positions of events only. So it is read backwards, from its end or
 * from where an earlier search ended, and one entry for each page is remembered: a date that was passed before takes
 * one page.
 */
export class LogDates {
  readonly #eventStore: EventStore
  /** Newest first, without a gap between them. */
  #pages: readonly KnownPage[] = []
  /** Position of the last event of the newest page. */
  #head = -1n
  #turn: Promise<unknown> = Promise.resolve()

  constructor(eventStore: EventStore) {
    this.#eventStore = eventStore
  }

  /** Returns the position of the last event recorded at or before a date; undefined where there is none. */
  async positionAt(date: Date): Promise<bigint | undefined> {
    const finding = this.#turn.then(() => this.#find(date.getTime()))
    this.#turn = finding.catch(() => undefined)
    return finding
  }

  async #find(time: number): Promise<bigint | undefined> {
    const fresh = await this.#scan(time, undefined)
    // Found among what is new: remembering that would leave a gap to what is known.
    if (fresh.found !== undefined && this.#pages.length > 0) return fresh.found
    this.#pages = [...fresh.pages, ...this.#pages]
    if (fresh.pages.length > 0) this.#head = fresh.head ?? this.#head
    if (fresh.found !== undefined) return fresh.found
    const page = this.#pages.find(({ earliest }) => earliest <= time)
    if (page) return this.#findWithin(page, time)
    const oldest = this.#pages.at(-1)
    if (!oldest || fresh.isWhole) return undefined
    const older = await this.#scan(time, oldest.first)
    this.#pages = [...this.#pages, ...older.pages]
    return older.found
  }

  /** Reads backwards: from the end to what is known, or from what is known to the start. */
  async #scan(time: number, before: bigint | undefined): Promise<Scan> {
    const pages: KnownPage[] = []
    let head: bigint | undefined
    const reading = this.#eventStore.readAll({
      direction: 'backwards',
      ...(before !== undefined && { from: before }),
    })
    for await (const batch of reading) {
      head ??= batch[0]?.position
      const known = before === undefined ? batch.findIndex((one) => one.position <= this.#head) : -1
      const events = known < 0 ? batch : batch.slice(0, known)
      const found = events.find((event) => isBefore(event, time))
      if (found) return { pages, found: found.position, head, isWhole: false }
      const last = events.at(-1)
      if (last) pages.push(pageOf(events, last))
      if (known >= 0) return { pages, found: undefined, head, isWhole: false }
    }
    return { pages, found: undefined, head, isWhole: true }
  }

  async #findWithin({ first, size }: KnownPage, time: number): Promise<bigint | undefined> {
    let found: bigint | undefined
    for await (const batch of this.#eventStore.readAll({ from: first, limit: size }))
      found = batch.findLast((event) => isBefore(event, time))?.position ?? found
    return found
  }
}

interface Scan {
  readonly pages: readonly KnownPage[]
  readonly found: bigint | undefined
  readonly head: bigint | undefined
  /** Whether it has come to the start of the log. */
  readonly isWhole: boolean
}

function pageOf(events: readonly RecordedEvent[], { position }: RecordedEvent): KnownPage {
  const times = events.map(({ recordedAt }) => recordedAt.getTime())
  return { first: position, size: events.length, earliest: Math.min(...times) }
}

function isBefore({ recordedAt }: RecordedEvent, time: number): boolean {
  return recordedAt.getTime() <= time
}
