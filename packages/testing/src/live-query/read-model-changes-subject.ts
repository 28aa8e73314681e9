import type { ReadModelChanges, ReadModelStore } from '@varve/core'
import {
  readModelStoreSubject,
  type ReadModelStoreSubject,
  type ReadModelStoreSubjectOptions,
} from '../read-model/read-model-store-subject.ts'

/** What a case of the contract of {@link ReadModelChanges} works on. Names are its own, so cases run side by side. */
export interface ReadModelChangesSubject extends ReadModelStoreSubject {
  readonly changes: ReadModelChanges
  /** Whether changes name documents; otherwise collections. */
  readonly namesDocuments: boolean
  /** How long a change may take, in milliseconds. */
  readonly patienceMs: number
}

/** What an adapter brings to the contract. */
export interface ReadModelChangesSubjectOptions extends ReadModelStoreSubjectOptions {
  /** The store whose changes are told. */
  readonly store: ReadModelStore
  readonly namesDocuments: boolean
  /** Default 10,000. */
  readonly patienceMs?: number
}

/** Makes the subject of one case, with fresh names. */
export function readModelChangesSubject(
  changes: ReadModelChanges,
  { store, namesDocuments, patienceMs = 10_000, ...options }: ReadModelChangesSubjectOptions,
): ReadModelChangesSubject {
  return { ...readModelStoreSubject(store, options), changes, namesDocuments, patienceMs }
}
