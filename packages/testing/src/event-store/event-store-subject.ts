import { randomUUID } from 'node:crypto'
import { type EventStore, type EventToAppend, type StreamName, streamName } from '@varve/core'

/** What event stores may do differently. Declared by the adapter, and asserted as declared. */
export interface EventStoreCapabilities {
  /** Most bytes of data in one append; undefined: a few MiB must be accepted. */
  readonly maxAppendBytes: number | undefined
  /** Whether a conflict names the revision the stream is at. */
  readonly tellsActualRevision: boolean
}

/** What a case of the event store's contract works on. Names are its own, so cases run side by side. */
export interface EventStoreSubject {
  readonly store: EventStore
  readonly capabilities: EventStoreCapabilities
  /** How long to wait for what should come by itself, in milliseconds. */
  readonly patienceMs: number
  /** Every stream of the case starts with it. */
  readonly prefix: string
  /** A stream nobody wrote yet. */
  readonly stream: StreamName
  /** Another one. */
  readonly streamNamed: (id: string) => StreamName
  /** Opens another store on the same server; the case closes it. */
  readonly open: () => Promise<EventStore>
}

/** What an adapter brings to the contract. */
export interface EventStoreSubjectOptions {
  readonly capabilities: EventStoreCapabilities
  readonly open: () => Promise<EventStore>
  /** Default 15,000. */
  readonly patienceMs?: number
}

/** Makes the subject of one case, with fresh names. */
export function eventStoreSubject(
  store: EventStore,
  { capabilities, open, patienceMs = 15_000 }: EventStoreSubjectOptions,
): EventStoreSubject {
  const category = `contract${randomUUID().replaceAll('-', '')}`
  return {
    store,
    capabilities,
    patienceMs,
    prefix: `${category}-`,
    stream: streamName(category, 'main'),
    streamNamed: (id) => streamName(category, id),
    open,
  }
}

/** Makes an event with an id of its own. */
export function newEvent(type: string, data: EventToAppend['data'] = {}): EventToAppend {
  return { id: randomUUID(), type, data, metadata: {} }
}

/** Makes events numbered in `data.n`, from 0. */
export function newEvents(count: number, type = 'numbered', first = 0): readonly EventToAppend[] {
  return Array.from({ length: count }, (_, index) => newEvent(type, { n: first + index }))
}
