import { randomUUID } from 'node:crypto'
import {
  type ConsumerGroup,
  type ConsumerGroupStore,
  type EventStore,
  type StreamName,
  streamName,
} from '@varve/core'

/** What a case of the consumer-group store's contract works on. Names are its own, so cases run side by side. */
export interface ConsumerGroupStoreSubject {
  readonly store: ConsumerGroupStore
  /** The events the groups follow. */
  readonly events: EventStore
  /** How long to wait for what should come by itself, in milliseconds. */
  readonly patienceMs: number
  /** The category of the case's streams. */
  readonly category: string
  /** A stream nobody wrote yet. */
  readonly stream: StreamName
  /** Another one. */
  readonly streamNamed: (id: string) => StreamName
  /** A group nobody made yet, on {@link stream}. */
  readonly group: ConsumerGroup
  /** Opens another store over the same events; the case closes it. */
  readonly open: () => Promise<ConsumerGroupStore>
}

/** What an adapter brings to the contract. */
export interface ConsumerGroupStoreSubjectOptions {
  readonly events: EventStore
  readonly open: () => Promise<ConsumerGroupStore>
  /** Default 15,000. */
  readonly patienceMs?: number
}

/** Makes the subject of one case, with fresh names. */
export function consumerGroupStoreSubject(
  store: ConsumerGroupStore,
  { events, open, patienceMs = 15_000 }: ConsumerGroupStoreSubjectOptions,
): ConsumerGroupStoreSubject {
  const category = `contract${randomUUID().replaceAll('-', '')}`
  const stream = streamName(category, 'main')
  return {
    store,
    events,
    patienceMs,
    category,
    stream,
    streamNamed: (id) => streamName(category, id),
    group: { name: `group-${category}`, stream },
    open,
  }
}
