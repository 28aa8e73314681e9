import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from './delivery.ts'
import { positionOf } from './log-position.ts'
import type { PageCall, ReadCursor } from './read-cursor.ts'

/** Finds the end of the log. Delivers nothing. */
export class HeadCursor implements ReadCursor<never> {
  #position: bigint | undefined

  /** Position of the last event, whatever its type; undefined while the log is empty. */
  get position(): bigint | undefined {
    return this.#position
  }

  get isExhausted(): boolean {
    return this.#position !== undefined
  }

  open(client: GuardedClient): PageCall {
    const read = client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 })
    return { read: read, fullAt: 1 }
  }

  accept({ event, link }: Delivery): undefined {
    const last = link ?? event
    if (last) this.#position = positionOf(last)
    return undefined
  }
}
