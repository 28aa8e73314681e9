import { randomUUID } from 'node:crypto'
import type { LeaseStore } from '@varve/core'

/** What a case of the lease store's contract works on. The name is its own, so cases run side by side. */
export interface LeaseStoreSubject {
  readonly store: LeaseStore
  /** A lease nobody ever held. */
  readonly name: string
  /** Lets the store's time pass. */
  readonly elapse: (ms: number) => Promise<void>
  /** A ttl that is long enough not to run out by accident, and short enough to wait for, in milliseconds. */
  readonly ttlMs: number
}

/** What an adapter brings to the contract. */
export interface LeaseStoreSubjectOptions {
  readonly elapse: (ms: number) => Promise<void>
  /** Default 500. */
  readonly ttlMs?: number
}

/** Makes the subject of one case, with a fresh name. */
export function leaseStoreSubject(
  store: LeaseStore,
  { elapse, ttlMs = 500 }: LeaseStoreSubjectOptions,
): LeaseStoreSubject {
  return { store, name: `contract-${randomUUID()}`, elapse, ttlMs }
}
