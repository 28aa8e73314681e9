import { randomInt } from 'node:crypto'

const step = 0x6d2b79f5

/**
 * Random numbers that come again with the same seed: what makes a failed random test repeatable.
 * Print it with the failure: `${random}` is `seed 123`.
 */
export class SeededRandom {
  /** 32 bits, not negative. */
  readonly seed: number
  #state: number

  /** @param seed Default: a random one. */
  constructor(seed: number = randomInt(2 ** 32)) {
    this.seed = seed >>> 0
    this.#state = this.seed
  }

  /** Returns a number from 0, inclusive, to 1, exclusive. */
  next(): number {
    // A Weyl sequence through a 32-bit mixer: short, and even enough for tests. Not for secrets.
    this.#state = (this.#state + step) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Returns an integer between two, both inclusive. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** Returns true with a probability from 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Returns one of some values; there must be at least one. */
  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.integer(0, values.length - 1)] ?? values[0]
  }

  /** Returns a shuffled copy. */
  shuffle<T>(values: readonly T[]): T[] {
    const shuffled = [...values]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.integer(0, last)
      ;[shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T]
    }
    return shuffled
  }

  toString(): string {
    return `seed ${this.seed}`
  }
}
