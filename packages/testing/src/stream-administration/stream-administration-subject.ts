import { randomUUID } from 'node:crypto'
import {
  type EventStore,
  type StreamAdministration,
  type StreamName,
  streamName,
} from '@varve/core'

/** What a case of the contract works on. Names are its own, so cases run side by side. */
export interface StreamAdministrationSubject {
  /** Administers its own streams. */
  readonly store: EventStore & StreamAdministration
  /** How long to wait for what should come by itself, in milliseconds. */
  readonly patienceMs: number
  /** A stream nobody wrote yet. */
  readonly stream: StreamName
  /** Another one. */
  readonly streamNamed: (id: string) => StreamName
  /** Lets the store's time pass. */
  readonly elapse: (ms: number) => Promise<void>
}

/** What an adapter brings to the contract. */
export interface StreamAdministrationSubjectOptions {
  readonly elapse: (ms: number) => Promise<void>
  /** Default 15,000. */
  readonly patienceMs?: number
}

/** Makes the subject of one case, with fresh names. */
export function streamAdministrationSubject(
  store: EventStore & StreamAdministration,
  { elapse, patienceMs = 15_000 }: StreamAdministrationSubjectOptions,
): StreamAdministrationSubject {
  const category = `contract${randomUUID().replaceAll('-', '')}`
  return {
    store,
    patienceMs,
    stream: streamName(category, 'main'),
    streamNamed: (id) => streamName(category, id),
    elapse,
  }
}
