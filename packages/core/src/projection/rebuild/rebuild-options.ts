import type { ProjectionErrorPolicy } from '../projection-definition.ts'
import type { RebuildProgress } from './rebuild-progress.ts'

/** Options of {@link Projections.rebuild}. */
export interface RebuildOptions {
  /** Hears of each batch. */
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Most events of one commit. Default: the application's. */
  readonly batch?: number
  /** How many writers fill the new generation side by side. Default: the application's. */
  readonly partitions?: number
  /** What becomes of an event that fails: it ends the rebuild, or goes to dead letters. Default `halt`. */
  readonly onError?: ProjectionErrorPolicy
  /** Raise it to cancel: readers stay where they are, nothing is left behind. */
  readonly signal?: AbortSignal
  /**
   * Ids of documents: only they are folded again, and put in the place of those that are there. Not where a read model
   * keeps its history, is written by update operators, or reads other documents.
   */
  readonly keys?: readonly string[]
  /** Names of streams: the documents their events are for, as with `keys`, with all their events. */
  readonly streams?: readonly string[]
  /** Changes nothing: folds again, compares document by document, and tells of the differences. Default false. */
  readonly verify?: boolean
  /** Most differences to tell of, with `verify`. Default 100. */
  readonly differences?: number
  /** How long the generation before is kept for a rollback, in milliseconds. Default: the application's. */
  readonly graceMs?: number
  /**
   * Begins anew where an earlier rebuild was cut off, instead of going on with it: after a handler was changed and the
   * version was not. Default false.
   */
  readonly restart?: boolean
  /**
   * What documents are made from. `snapshots`: from the newest usable snapshot of each aggregate and the events behind it,
   * and of aggregates without one from their first event on; where the projection says `fromSnapshot`, and always anew.
   * Default `events`.
   */
  readonly from?: 'events' | 'snapshots'
}
