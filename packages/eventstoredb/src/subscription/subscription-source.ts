import type { RecordedEvent } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from '../read/delivery.ts'

/** A place in the stream of messages where something else than an event was told. */
export class Marker {
  /** @param checkpoint Position the server has searched up to; undefined: the end of the log was reached. */
  constructor(readonly checkpoint: bigint | undefined) {}
}

/** What is used of the client's subscription. */
export interface ClientSubscription {
  on(event: 'data', listener: (message: Delivery | Marker) => void): unknown
  on(event: 'error', listener: (failure: unknown) => void): unknown
  on(event: 'confirmation' | 'caughtUp' | 'fellBehind' | 'end', listener: () => void): unknown
  pause(): unknown
  resume(): unknown
  /** Puts a message behind those already received but not yet delivered. */
  push(message: Marker): boolean
  unsubscribe(): Promise<void>
}

/** What the log itself says about a subscription from which nothing comes. */
export interface Probe {
  /** Whether an event the subscription asks for is waiting. */
  readonly isBehind: boolean
  /** Whether there is nothing after where the subscription is. */
  readonly isAtEnd: boolean
  /** Position up to which the log was seen to hold nothing of interest. */
  readonly upTo: bigint | undefined
}

/** Where a subscription's events come from, and how far it is. */
export interface SubscriptionSource {
  /** What is followed, for messages. */
  readonly description: string
  /** Everything of interest up to here has been accepted. Never goes back. */
  readonly position: bigint | undefined
  /** Subscribes after what has been accepted. */
  open(client: GuardedClient): ClientSubscription
  /** Moves on past a message; returns the event where it is to be delivered. */
  accept(delivery: Delivery): RecordedEvent | undefined
  /** Moves the position; tells whether it moved. Implausible positions do not move it. */
  advance(position: bigint): boolean
  /** Asks the log how it goes on after what has been accepted. */
  probe(client: GuardedClient, silenceMs: number): Promise<Probe>
}
