import type { IdGenerator } from '@varve/core'

/** Ids that come again in the next run: valid UUIDs that count from 1, `00000000-0000-4000-8000-000000000001`. */
export class SequentialIds implements IdGenerator {
  #last: number

  /** @param after Counts on after this number. Default 0. */
  constructor(after = 0) {
    this.#last = after
  }

  next(): string {
    this.#last += 1
    return `00000000-0000-4000-8000-${this.#last.toString(16).padStart(12, '0')}`
  }
}
