/** Counts what is under way, so that an end can be waited for. */
export class UnderWay {
  #count = 0
  #waiting: (() => void)[] = []

  begin(): void {
    this.#count += 1
  }

  done(): void {
    this.#count -= 1
    if (this.#count > 0) return
    for (const end of this.#waiting.splice(0)) end()
  }

  /** Waits until nothing is under way. */
  async end(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((end) => this.#waiting.push(end))
  }
}
