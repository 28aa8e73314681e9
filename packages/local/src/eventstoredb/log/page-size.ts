const TARGET_BYTES = 128 * 1024
const FIRST_EVENTS = 32
const MOST_EVENTS = 1024

/** How many events to read at once so that a page stays near 128 KiB, learnt from the last page. */
export class PageSize {
  #events = FIRST_EVENTS

  /** Events to read next, of `wanted` at most. */
  next(wanted: number): number {
    return Math.min(this.#events, wanted)
  }

  /** Learns from a page. */
  learn(events: number, bytes: number): void {
    if (events === 0) return
    const fitting = Math.floor((TARGET_BYTES * events) / Math.max(bytes, 1))
    this.#events = Math.max(1, Math.min(fitting, this.#events * 4, MOST_EVENTS))
  }
}
