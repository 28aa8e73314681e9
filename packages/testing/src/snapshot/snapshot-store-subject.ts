import { randomUUID } from 'node:crypto'
import {
  type JsonValue,
  type Snapshot,
  type SnapshotStore,
  type StreamName,
  streamName,
} from '@varve/core'

/** What a case of the snapshot store's contract works on. Names are its own, so cases run side by side. */
export interface SnapshotStoreSubject {
  readonly store: SnapshotStore
  /** A stream without snapshots. */
  readonly stream: StreamName
  /** Another one. */
  readonly streamNamed: (id: string) => StreamName
}

/** Makes the subject of one case, with fresh names. */
export function snapshotStoreSubject(store: SnapshotStore): SnapshotStoreSubject {
  const category = `contract${randomUUID().replaceAll('-', '')}`
  return {
    store,
    stream: streamName(category, 'main'),
    streamNamed: (id) => streamName(category, id),
  }
}

/** Makes a snapshot of schema version 1. */
export function newSnapshot(
  stream: StreamName,
  revision: bigint,
  state: JsonValue = { at: revision.toString() },
): Snapshot {
  return { stream, revision, version: 1, state, takenAt: new Date('2024-02-29T12:34:56.789Z') }
}
