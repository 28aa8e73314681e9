/** Commit times: seconds in the upper 32 bits, a counter in the lower; always ascending. */
export class LogicalClock {
  #last: bigint

  /** @param last The newest time ever given out. */
  constructor(last: bigint) {
    const now = BigInt(Math.floor(Date.now() / 1000)) << 32n
    this.#last = last > now ? last : now | 1n
  }

  /** The newest time given out. */
  get last(): bigint {
    return this.#last
  }

  /** The next time. */
  next(): bigint {
    const now = (BigInt(Math.floor(Date.now() / 1000)) << 32n) | 1n
    this.#last = now > this.#last ? now : this.#last + 1n
    return this.#last
  }
}
