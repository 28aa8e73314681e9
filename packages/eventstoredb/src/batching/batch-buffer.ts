/** Most items that wait for the consumer before the server is made to wait. */
const capacity = 1000

/** What came since the consumer last looked. */
export class BatchBuffer<Item> {
  readonly #tellAt: number
  #items: Item[] = []
  #hasNews = false
  #isWaking = false
  #wake: (() => void) | undefined

  /** @param tellAt How many items are worth waking the consumer for. */
  constructor(tellAt = 1) {
    this.#tellAt = tellAt
  }

  get isFull(): boolean {
    return this.#items.length >= capacity
  }

  /** Whether there is something to tell the consumer, with or without items. */
  get hasNews(): boolean {
    return this.#hasNews
  }

  push(item: Item): void {
    if (this.#items.push(item) >= this.#tellAt) this.tell()
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
  take(): readonly Item[] {
    const items = this.#items
    this.#items = []
    this.#hasNews = false
    return items
  }
}
