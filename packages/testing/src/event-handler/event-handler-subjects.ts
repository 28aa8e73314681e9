import { randomUUID } from 'node:crypto'
import type { HandledEventStore, HandlerProgressStore } from '@varve/core'

/** What a case of the handler progress store's contract works on. The name is its own, so cases run side by side. */
export interface HandlerProgressSubject {
  readonly store: HandlerProgressStore
  /** A handler nobody ever opened. */
  readonly handler: string
}

/** Makes the subject of one case, with a fresh name. */
export function handlerProgressSubject(store: HandlerProgressStore): HandlerProgressSubject {
  return { store, handler: `contract-${randomUUID()}` }
}

/** What a case of the handled event store's contract works on. The name is its own, so cases run side by side. */
export interface HandledEventSubject {
  readonly store: HandledEventStore
  /** A consumer that never handled anything. */
  readonly consumer: string
  /** Lets the store's time pass. */
  readonly elapse: (ms: number) => Promise<void>
  /** A window that is long enough not to run out by accident, and short enough to wait for, in milliseconds. */
  readonly windowMs: number
}

/** What an adapter brings to the contract of the handled event store. */
export interface HandledEventSubjectOptions {
  readonly elapse: (ms: number) => Promise<void>
  /** Default 500. */
  readonly windowMs?: number
}

/** Makes the subject of one case, with a fresh name. */
export function handledEventSubject(
  store: HandledEventStore,
  { elapse, windowMs = 500 }: HandledEventSubjectOptions,
): HandledEventSubject {
  return { store, consumer: `contract-${randomUUID()}`, elapse, windowMs }
}
