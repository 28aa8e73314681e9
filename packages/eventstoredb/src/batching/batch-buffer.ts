import type { RecordedEvent } from '@varve/core'

/** Most events that wait for the consumer before the server is made to wait. */
const capacity = 1000

/** What came since the consumer last looked. */
export class BatchBuffer {
  readonly #tellAt: number
  #events: RecordedEvent[] = []
  #hasNews = false
  #isWaking = false
  #wake: (() => void) | undefined

  /** @param tellAt How many events are worth waking the consumer for. */
  constructor(tellAt = 1) {
    this.#tellAt = tellAt
  }

  get isFull(): boolean {
    return this.#events.length >= capacity
  }

  /** Whether there is something to tell the consumer, with or without events. */
  get hasNews(): boolean {
    return this.#hasNews
  }

  push(event: RecordedEvent): void {
    if (this.#events.push(event) >= this.#tellAt) this.tell()
  }

  /**
   * Wakes the consumer, once everything else that has already arrived is in the buffer too.
   * Without that wait a fast consumer would get every event as a batch of its own.
   */
  tell(): void {
    this.#hasNews = true
    if (!this.#wake || this.#isWaking) return
    this.#isWaking = true
    setImmediate(() => {
      this.#isWaking = false
      this.wake()
    })
  }

  /** Wakes the consumer at once. */
  wake(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  /** Waits for news, or to be woken. */
  async wait(): Promise<void> {
    if (this.#hasNews) return
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** Empties the buffer. */
  take(): readonly RecordedEvent[] {
    const events = this.#events
    this.#events = []
    this.#hasNews = false
    return events
  }
}
