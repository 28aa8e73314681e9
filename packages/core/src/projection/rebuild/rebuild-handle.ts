import type { RebuildProgress } from './rebuild-progress.ts'

/** What a {@link Rebuild} runs. */
export type RebuildWork<Result> = (
  signal: AbortSignal,
  onProgress: (progress: RebuildProgress) => void,
) => Promise<Result>

/**
 * A rebuild under way: a promise of its result, and an iterable of its progress. A slow loop gets the latest progress,
 * not every one; it ends with the rebuild, and fails as it does.
 */
export class Rebuild<Result> implements Promise<Result>, AsyncIterable<RebuildProgress> {
  readonly [Symbol.toStringTag] = 'Rebuild'
  readonly #cancelling = new AbortController()
  readonly #result: Promise<Result>
  readonly #waiting = new Set<() => void>()
  #latest: RebuildProgress | undefined
  #isOver = false

  constructor(work: RebuildWork<Result>, signal: AbortSignal | undefined) {
    const signals = [this.#cancelling.signal, ...(signal ? [signal] : [])]
    this.#result = work(AbortSignal.any(signals), (progress) => {
      this.#latest = progress
      this.#wake()
    }).finally(() => {
      this.#isOver = true
      this.#wake()
    })
  }

  /** The latest progress; undefined before the first. */
  get progress(): RebuildProgress | undefined {
    return this.#latest
  }

  /**
   * Cancels the rebuild, unless it is over, and waits for its end: nothing is left behind, and readers stay where they
   * are. Where another process does the work, this one only stops to wait for it.
   */
  async cancel(): Promise<void> {
    this.#cancelling.abort()
    await this.#result.catch(() => undefined)
  }

  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((value: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#result.then(onFulfilled, onRejected)
  }

  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Result | Rejected> {
    return this.#result.catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.#result.finally(onFinally)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RebuildProgress, void, undefined> {
    // Whoever iterates hears of the failure at the end of the loop.
    this.#result.catch(() => undefined)
    let seen: RebuildProgress | undefined
    for (;;) {
      if (this.#latest && this.#latest !== seen) {
        seen = this.#latest
        yield seen
      } else if (this.#isOver) break
      else await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
    await this.#result
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}
