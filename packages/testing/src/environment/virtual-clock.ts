import type { Clock } from '@varve/core'

/** A clock that stands still until it is moved. */
export class VirtualClock implements Clock {
  #time: number

  /** @param start Default: the first of January 2024. */
  constructor(start = new Date('2024-01-01T00:00:00.000Z')) {
    this.#time = start.getTime()
  }

  now(): Date {
    return new Date(this.#time)
  }

  /** Moves on by some milliseconds. */
  advance(ms: number): void {
    this.#time += ms
  }

  /** Moves to a date, forwards or back. */
  moveTo(date: Date): void {
    this.#time = date.getTime()
  }
}
