import type { StreamName } from '../event-store/stream-name.ts'
import type { JsonValue } from '../serialization/json-value.ts'

/** An aggregate's state after the event at `revision`. */
export interface Snapshot {
  readonly stream: StreamName
  /** Revision of the last event folded into the state. */
  readonly revision: bigint
  /** Version of the state's schema; another version than the aggregate's is ignored. */
  readonly version: number
  readonly state: JsonValue
  readonly takenAt: Date
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
  save(snapshot: Snapshot): Promise<void>

  /** Forgets all snapshots of a stream. */
  clear(stream: StreamName): Promise<void>
}
