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
  #bytes = 0

  /** Remembers an event. An id that is known already keeps its first place. */
  add(id: string, event: RecentEvent): void {
    if (this.#events.has(id)) return
    this.#events.set(id, event)
    this.#bytes += bytesOf(event)
    for (const [oldest, forgotten] of this.#events) {
      if (this.#bytes <= BUDGET_BYTES) return
      this.#events.delete(oldest)
      this.#bytes -= bytesOf(forgotten)
    }
  }

  /** The place of the event, when it is remembered and in this stream. */
  revisionIn(stream: string, id: string): number | undefined {
    const event = this.#events.get(id)
    return event?.stream === stream ? event.revision : undefined
  }

  /** Forgets everything, after a write was undone. */
  clear(): void {
    this.#events.clear()
    this.#bytes = 0
  }
}

function bytesOf(event: RecentEvent): number {
  return ENTRY_BYTES + 2 * event.stream.length
}
