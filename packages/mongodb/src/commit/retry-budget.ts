import { setTimeout as sleep } from 'node:timers/promises'

/** How long a commit may be tried again, with growing pauses between. */
export class RetryBudget {
  readonly #deadline: number
  #pauseMs = 5

  /** @param budgetMs Milliseconds from now. */
  constructor(budgetMs: number) {
    this.#deadline = performance.now() + budgetMs
  }

  /** Waits before the next try; false, without waiting, when the time is up. */
  async pause(): Promise<boolean> {
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2)
    if (performance.now() + pauseMs >= this.#deadline) return false
    await sleep(pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 1.5, 500)
    return true
  }
}
