/**
 * Results to be read one by one or all at once: what users of the MongoDB driver call on a cursor.
 * The query runs when the first result is asked for.
 */
export class InMemoryCursor<T> implements AsyncIterable<T>, AsyncDisposable {
  readonly #run: () => readonly T[]
  #results: readonly T[] | undefined
  #next = 0
  #isClosed = false

  /** @param run Runs the query; the results are the caller's own. */
  constructor(run: () => readonly T[]) {
    this.#run = run
  }

  get closed(): boolean {
    return this.#isClosed
  }

  async hasNext(): Promise<boolean> {
    return this.#next < this.#open().length
  }

  /** Returns the next result; null where there is none. */
  async next(): Promise<T | null> {
    return this.#open()[this.#next++] ?? null
  }

  /** Returns the next result; null where there is none. */
  async tryNext(): Promise<T | null> {
    return this.next()
  }

  async toArray(): Promise<T[]> {
    const rest = this.#open().slice(this.#next)
    await this.close()
    return rest
  }

  /** Calls back with each result, until the callback returns false. */
  async forEach(callback: (result: T) => unknown): Promise<void> {
    for await (const result of this) if (callback(result) === false) return
  }

  /** Starts again; the query runs anew. */
  rewind(): void {
    this.#results = undefined
    this.#next = 0
    this.#isClosed = false
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#results = []
    this.#next = 0
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    try {
      while (await this.hasNext()) yield (await this.next()) as T
    } finally {
      await this.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #open(): readonly T[] {
    return (this.#results ??= this.#run())
  }
}
