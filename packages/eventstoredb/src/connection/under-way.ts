/** What was begun and is not over yet. */
export class UnderWay {
  readonly #promises = new Set<Promise<unknown>>()

  /** Follows a promise, and returns it. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#promises.add(promise)
    const done = (): void => void this.#promises.delete(promise)
    promise.then(done, done)
    return promise
  }

  /** Waits for everything under way, whether it succeeds or fails. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#promises)
  }
}
