import { positionOf } from '../log/log-position.ts'
import type { LoggedFrame } from '../log/log-pages.ts'
import type { FilterOptions } from '../wire/read-request.ts'
import { checkpointReached } from '../wire/read-responses.ts'
import { invalidRequest } from './stream-errors.ts'

const DEFAULT_SEARCH_WINDOW = 32

/** Puts checkpoints between the events of a filtered subscription, after every so many events looked at. */
export class CheckpointSchedule {
  readonly #interval: number
  #next: number
  #last: number

  /** @param start Sequence number that the subscription starts after. */
  constructor(filter: FilterOptions, start: number) {
    if (filter.checkpointMultiplier === 0) throw invalidRequest('checkpoint interval of 0')
    const window = filter.maxSearchWindow ?? DEFAULT_SEARCH_WINDOW
    this.#interval = Math.max(window * filter.checkpointMultiplier, 1)
    this.#next = start + this.#interval
    this.#last = start
  }

  /** The events with the checkpoints due among them, everything up to `seen` having been looked at. */
  interleave(
    events: readonly LoggedFrame[],
    frames: readonly Buffer[],
    seen: number,
  ): readonly Buffer[] {
    if (this.#next > seen) return frames
    const merged: Buffer[] = []
    for (const [index, frame] of frames.entries()) {
      const sequence = events[index]?.sequence ?? seen
      while (this.#next < sequence) merged.push(this.#due())
      merged.push(frame)
    }
    while (this.#next <= seen) merged.push(this.#due())
    return merged
  }

  /** The checkpoint where a subscription goes live; undefined when that was the last one already. */
  atTransition(seen: number): Buffer | undefined {
    if (seen <= this.#last) return undefined
    this.#last = seen
    return checkpointReached(positionOf(seen))
  }

  #due(): Buffer {
    this.#last = this.#next
    this.#next += this.#interval
    return checkpointReached(positionOf(this.#last))
  }
}
