import type { ParkedEvent } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import type { DeliveredEvent, Delivery } from '../read/delivery.ts'
import type { PageCall, ReadCursor } from '../read/read-cursor.ts'
import { toRecordedEvent } from '../read/to-recorded-event.ts'

/** A parked event, and its place among those parked. */
export interface ParkedEntry extends ParkedEvent {
  readonly place: bigint
}

/** Reads what a group has parked: links, with reason and time beside them. */
export class ParkedCursor implements ReadCursor<ParkedEntry> {
  readonly #stream: string
  readonly #direction: 'forwards' | 'backwards'
  #next: bigint | undefined

  constructor(stream: string, direction: 'forwards' | 'backwards' = 'forwards') {
    this.#stream = stream
    this.#direction = direction
  }

  get isExhausted(): boolean {
    return this.#next !== undefined && this.#next < 0n
  }

  open(client: GuardedClient, size: number): PageCall {
    const isForwards = this.#direction === 'forwards'
    const read = client.readStream(this.#stream, {
      fromRevision: this.#next ?? (isForwards ? 'start' : 'end'),
      direction: this.#direction,
      maxCount: size,
      resolveLinkTos: true,
    })
    return { read, fullAt: size }
  }

  accept({ event, link }: Delivery): ParkedEntry | undefined {
    const at = link ?? event
    if (!at) return undefined
    this.#next = this.#direction === 'forwards' ? at.revision + 1n : at.revision - 1n
    return {
      place: at.revision,
      event: link && event && toRecordedEvent(event),
      ...parkingOf(at),
    }
  }
}

function parkingOf({ metadata, created }: DeliveredEvent): Omit<ParkedEvent, 'event'> {
  const { reason, added } = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as {
    readonly reason?: unknown
    readonly added?: unknown
  }
  const parkedAt = typeof added === 'string' ? new Date(added) : created
  return {
    reason: typeof reason === 'string' ? reason : '',
    parkedAt: Number.isNaN(parkedAt.getTime()) ? created : parkedAt,
  }
}
