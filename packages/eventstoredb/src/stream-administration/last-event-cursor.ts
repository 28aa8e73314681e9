import type { GuardedClient } from '../connection/guarded-client.ts'
import type { DeliveredEvent, Delivery } from '../read/delivery.ts'
import type { PageCall, ReadCursor } from '../read/read-cursor.ts'

/** Reads the last event of a stream as it is, the server's own included. */
export class LastEventCursor implements ReadCursor<DeliveredEvent> {
  readonly #stream: string
  #isRead = false

  constructor(stream: string) {
    this.#stream = stream
  }

  get isExhausted(): boolean {
    return this.#isRead
  }

  open(client: GuardedClient): PageCall {
    const read = client.readStream(this.#stream, {
      direction: 'backwards',
      fromRevision: 'end',
      maxCount: 1,
    })
    return { read, fullAt: 1 }
  }

  accept({ event, link }: Delivery): DeliveredEvent | undefined {
    this.#isRead = true
    return link ?? event
  }
}
