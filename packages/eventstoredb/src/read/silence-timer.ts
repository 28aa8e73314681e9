/** Notices when nothing was seen for a while, without moving a timer each time something is. */
export class SilenceTimer {
  readonly #timer: NodeJS.Timeout
  #seen = 0
  #seenBefore = -1

  /** @param limitMs Between the limit and one and a half times as long passes before silence is told. */
  constructor(limitMs: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      if (this.#seen === this.#seenBefore) onSilence()
      this.#seenBefore = this.#seen
    }, limitMs / 2)
  }

  saw(): void {
    this.#seen += 1
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
