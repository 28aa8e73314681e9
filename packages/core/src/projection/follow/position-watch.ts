import { ProjectionLagError } from '../projection-errors.ts'

interface Waiter {
  readonly position: bigint
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Node runs a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1

/** Lets others wait until a projection has reached a position. */
export class PositionWatch {
  readonly #projection: string
  readonly #waiters = new Set<Waiter>()
  #position: bigint | undefined

  constructor(projection: string) {
    this.#projection = projection
  }

  get position(): bigint | undefined {
    return this.#position
  }

  /** Whether anybody waits. */
  get isWaitedFor(): boolean {
    return this.#waiters.size > 0
  }

  /** Notes how far the projection is; never goes back. */
  reach(position: bigint | undefined): void {
    if (position === undefined || (this.#position !== undefined && position <= this.#position))
      return
    this.#position = position
    for (const waiter of this.#waiters) if (waiter.position <= position) waiter.resolve()
  }

  /** Ends every wait with an error. */
  fail(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error)
  }

  /**
   * Waits until a position is reached.
   *
   * @throws {ProjectionLagError} It took longer than `timeoutMs`.
   */
  async wait(position: bigint, timeoutMs: number): Promise<void> {
    if (this.#position !== undefined && this.#position >= position) return
    let timer: NodeJS.Timeout | undefined
    let waiter: Waiter | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { position, resolve, reject }
        this.#waiters.add(waiter)
        timer = setTimeout(
          () =>
            reject(new ProjectionLagError(this.#projection, position, this.#position, timeoutMs)),
          Math.min(timeoutMs, longestTimerMs),
        )
      })
    } finally {
      clearTimeout(timer)
      if (waiter) this.#waiters.delete(waiter)
    }
  }
}
