import type { ReadAllOptions, RecordedEvent } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from './delivery.ts'
import { positionOf, toClientPosition } from './log-position.ts'
import type { PageCall, ReadCursor } from './read-cursor.ts'
import { isUserEvent, toRecordedEvent } from './to-recorded-event.ts'

/** Reads the whole log, by position: forwards inclusive, backwards exclusive. */
export class LogCursor implements ReadCursor {
  readonly #direction: 'forwards' | 'backwards'
  readonly #upTo: bigint | undefined
  readonly #from: bigint | undefined
  #last: bigint | undefined
  #isPastEnd = false

  /** @param upTo Forwards: last position of interest. */
  constructor(
    { from, direction = 'forwards' }: Pick<ReadAllOptions, 'from' | 'direction'>,
    upTo?: bigint,
  ) {
    this.#from = from
    this.#direction = direction
    this.#upTo = upTo
  }

  get isExhausted(): boolean {
    return this.#isPastEnd
  }

  open(client: GuardedClient, size: number): PageCall {
    const isForwards = this.#direction === 'forwards'
    const from = this.#last ?? this.#from
    // Reading on forwards begins with the event that was read last.
    const fullAt = isForwards && this.#last !== undefined ? size + 1 : size
    const read = client.readAll(
      {
        fromPosition: from === undefined ? (isForwards ? 'start' : 'end') : toClientPosition(from),
        direction: this.#direction,
        maxCount: fullAt,
      },
      { highWaterMark: size },
    )
    return { read: read, fullAt }
  }

  accept({ event, link }: Delivery): RecordedEvent | undefined {
    const at = link ?? event
    if (!at) return undefined
    const position = positionOf(at)
    if (this.#isPastEnd || this.#wasRead(position)) return undefined
    if (this.#upTo !== undefined && position > this.#upTo) {
      this.#isPastEnd = true
      return undefined
    }
    this.#last = position
    if (position === this.#upTo) this.#isPastEnd = true
    return event && isUserEvent(event) ? toRecordedEvent(event) : undefined
  }

  #wasRead(position: bigint): boolean {
    if (this.#last === undefined) return false
    return this.#direction === 'forwards' ? position <= this.#last : position >= this.#last
  }
}
