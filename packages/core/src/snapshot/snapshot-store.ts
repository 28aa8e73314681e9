import type { StreamName } from '../event-store/stream-name.ts'
import type { JsonValue } from '../serialization/json-value.ts'

/** An aggregate's state after the event at `revision`. */
export interface Snapshot {
  readonly stream: StreamName
  /** Revision of the last event folded into the state. */
  readonly revision: bigint
  /** Version of the state's schema. An older one than the aggregate's is brought up or ignored, a newer one ignored. */
  readonly version: number
  readonly state: JsonValue
  readonly takenAt: Date
  /** Of the commands that wrote the events up to it, as text; left out where they are not known. */
  readonly commandIds?: string
}

/** What a snapshot says beside its state. */
export type SnapshotSummary = Omit<Snapshot, 'state' | 'commandIds'>

/** Options of {@link SnapshotStore.save}. */
export interface SaveSnapshotOptions {
  /** How many snapshots of the stream to keep, the newest ones, at least 1. Default: as the store is set. */
  readonly keep?: number
}

/** Options of {@link SnapshotStore.load}. */
export interface LoadSnapshotOptions {
  /** Newest revision of use, for time travel. Default: any. */
  readonly atOrBefore?: bigint
}

/**
 * Keeps several snapshots per stream, so that time travel starts from the nearest older one.
 *
 * A snapshot is a cache: losing one costs time, never data. What cannot be read is treated as absent.
 */
export interface SnapshotStore {
  /** Returns the newest snapshot at or before the revision asked for; undefined where there is none. */
  load(stream: StreamName, options?: LoadSnapshotOptions): Promise<Snapshot | undefined>

  /** Stores a snapshot. The same stream and revision again replaces or repeats it. */
  save(snapshot: Snapshot, options?: SaveSnapshotOptions): Promise<void>

  /** Lists the snapshots of a stream that are kept, newest revision first. */
  list(stream: StreamName): Promise<readonly SnapshotSummary[]>

  /** Forgets all snapshots of a stream. */
  clear(stream: StreamName): Promise<void>
}
