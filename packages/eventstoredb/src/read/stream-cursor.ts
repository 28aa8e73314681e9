import type { ReadStreamOptions, RecordedEvent, StreamName } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from './delivery.ts'
import type { PageCall, ReadCursor } from './read-cursor.ts'
import { isUserEvent, toRecordedEvent } from './to-recorded-event.ts'

/** Reads one stream, by revision. */
export class StreamCursor implements ReadCursor {
  readonly #stream: StreamName
  readonly #direction: 'forwards' | 'backwards'
  #next: bigint | undefined

  constructor(
    stream: StreamName,
    { from, direction = 'forwards' }: Pick<ReadStreamOptions, 'from' | 'direction'>,
  ) {
    this.#stream = stream
    this.#direction = direction
    this.#next = from
  }

  get isExhausted(): boolean {
    return this.#next !== undefined && this.#next < 0n
  }

  open(client: GuardedClient, size: number): PageCall {
    const read = client.readStream(
      this.#stream,
      {
        fromRevision: this.#next ?? (this.#direction === 'forwards' ? 'start' : 'end'),
        direction: this.#direction,
        maxCount: size,
      },
      { highWaterMark: size },
    )
    return { read: read, fullAt: size }
  }

  accept({ event, link }: Delivery): RecordedEvent | undefined {
    const at = link ?? event
    if (!at) return undefined
    this.#next = this.#direction === 'forwards' ? at.revision + 1n : at.revision - 1n
    return event && isUserEvent(event) ? toRecordedEvent(event) : undefined
  }
}
