import type { RecordedEvent } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from './delivery.ts'
import type { ClientRead } from './read-call.ts'

/** One page under way. */
export interface PageCall {
  readonly read: ClientRead
  /** How many messages a full page has; fewer mean that there is no more. */
  readonly fullAt: number
}

/** Where a read is and how it goes on. */
export interface ReadCursor<Item = RecordedEvent> {
  /** Whether there is nothing more to read, without asking the server. */
  readonly isExhausted: boolean
  /** Asks for the next events, at most `size` of them. */
  open(client: GuardedClient, size: number): PageCall
  /** Moves on; returns what is to be delivered. */
  accept(delivery: Delivery): Item | undefined
}
