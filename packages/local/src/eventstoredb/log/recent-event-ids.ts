/** Where an event went. */
export interface RecentEvent {
  readonly stream: string
  readonly revision: number
}

const BUDGET_BYTES = 8 * 1024 * 1024
const ENTRY_BYTES = 28

/**
 * The ids of the last appended events, by which a retry that expects no exact revision is recognised.
 *
 * Kept in memory only and bounded by the size EventStoreDB counts for it, so such a retry is known again
 * until a restart or until enough others came after it.
 */
export class RecentEventIds {
  readonly #events = new Map<string, RecentEvent>()
  // The order is kept apart: finding the first entry of a map that lost many others is slow.
  #order: string[] = []
  #oldest = 0
  #bytes = 0

  /** Remembers an event. An id that is known already keeps its first place. */
  add(id: string, event: RecentEvent): void {
    if (this.#events.has(id)) return
    this.#events.set(id, event)
    this.#order.push(id)
    this.#bytes += bytesOf(event)
    while (this.#bytes > BUDGET_BYTES) this.#forgetOldest()
  }

  /** The place of the event, when it is remembered and in this stream. */
  revisionIn(stream: string, id: string): number | undefined {
    const event = this.#events.get(id)
    return event?.stream === stream ? event.revision : undefined
  }

  /** Forgets everything, after a write was undone. */
  clear(): void {
    this.#events.clear()
    this.#order = []
    this.#oldest = 0
    this.#bytes = 0
  }

  #forgetOldest(): void {
    const id = this.#order[this.#oldest] ?? ''
    const event = this.#events.get(id)
    if (event) this.#bytes -= bytesOf(event)
    this.#events.delete(id)
    this.#oldest += 1
    if (this.#oldest > this.#order.length / 2) {
      this.#order = this.#order.slice(this.#oldest)
      this.#oldest = 0
    }
  }
}

function bytesOf(event: RecentEvent): number {
  return ENTRY_BYTES + 2 * event.stream.length
}
