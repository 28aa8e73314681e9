import { ComparableResult } from './comparable-result.ts'

interface Waiting<Result> {
  readonly resolve: (next: IteratorResult<Result, undefined>) => void
  readonly reject: (error: unknown) => void
}

interface Unread<Result> {
  readonly result: Result
  readonly comparable: ComparableResult
}

const done = { done: true, value: undefined } as const

/** Hands results to a reader: only the latest, and none twice in a row. */
export class LatestResult<Result> {
  #unread: Unread<Result> | undefined
  #delivered: ComparableResult | undefined
  #waiting: Waiting<Result>[] = []
  #failure: { readonly error: unknown } | undefined
  #hasEnded = false

  /** Whether a result would be of use now: a reader waits for it, or it will be there when one comes. */
  get isWanted(): boolean {
    return !this.#hasEnded && (this.#waiting.length > 0 || this.#unread === undefined)
  }

  /** @returns Whether it differs from what the reader has. */
  put(result: Result): boolean {
    this.#unread = undefined
    const comparable = new ComparableResult(result)
    if (this.#hasEnded || this.#delivered?.equals(comparable)) return false
    const reader = this.#waiting.shift()
    if (reader) this.#deliver(reader, { result, comparable })
    else this.#unread = { result, comparable }
    return true
  }

  /** Forgets the result that was not read: there is a later one. */
  discard(): void {
    this.#unread = undefined
  }

  /** Returns the latest result, or the next one where it was returned before. */
  take(): Promise<IteratorResult<Result, undefined>> {
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject }
      const failure = this.#failure
      this.#failure = undefined
      if (failure) reader.reject(failure.error)
      else if (this.#hasEnded) resolve(done)
      else if (this.#unread) this.#deliver(reader, this.#unread)
      else this.#waiting.push(reader)
    })
  }

  /** Ends every wait: the first one, or the next to come, with the failure if there is one. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#unread = undefined
    const [first, ...others] = this.#waiting
    this.#waiting = []
    if (failure && first) first.reject(failure.error)
    else if (failure) this.#failure = failure
    else first?.resolve(done)
    for (const reader of others) reader.resolve(done)
  }

  #deliver(reader: Waiting<Result>, { result, comparable }: Unread<Result>): void {
    this.#unread = undefined
    this.#delivered = comparable
    reader.resolve({ done: false, value: result })
  }
}
