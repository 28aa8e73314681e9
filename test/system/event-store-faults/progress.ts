/** How many events were acknowledged so far, for whoever waits for a number of them. */
export class Progress {
  #count = 0
  #isFinished = false
  #waiting: { readonly count: number; readonly reached: () => void }[] = []

  get count(): number {
    return this.#count
  }

  add(events: number): void {
    this.#count += events
    this.#release(this.#count)
  }

  /** There will be no more: nobody waits any longer. */
  finish(): void {
    this.#isFinished = true
    this.#release(Infinity)
  }

  /** Settles at once where the count is reached already. */
  async reaches(count: number): Promise<void> {
    if (this.#isFinished || this.#count >= count) return
    await new Promise<void>((reached) => this.#waiting.push({ count, reached }))
  }

  #release(upTo: number): void {
    const due = this.#waiting.filter(({ count }) => count <= upTo)
    if (due.length === 0) return
    this.#waiting = this.#waiting.filter(({ count }) => count > upTo)
    for (const { reached } of due) reached()
  }
}
