import type { StoredVersion, VersionKey } from '@varve/core'
import type { Collection, Filter, FindOptions } from 'mongodb'
import { exactTypes } from '../commit/bson-options.ts'
import { type HistoryVersion, openPosition } from './history-collection.ts'

/** Reads a page of versions in the order of their ids, those of a document from the oldest on. */
export function listVersions(
  history: Collection<HistoryVersion>,
  after: VersionKey | undefined,
  limit: number,
): Promise<readonly StoredVersion[]> {
  const filter: Filter<HistoryVersion> = after ? { _id: { $gt: keyOf(after) } } : {}
  return read(history, filter, { sort: { _id: 1 }, limit })
}

/** Loads versions by their keys. */
export async function loadVersions(
  history: Collection<HistoryVersion>,
  keys: readonly VersionKey[],
): Promise<readonly StoredVersion[]> {
  if (keys.length === 0) return []
  return read(history, { _id: { $in: keys.map(keyOf) } }, { batchSize: keys.length + 1 })
}

async function read(
  history: Collection<HistoryVersion>,
  filter: Filter<HistoryVersion>,
  options: FindOptions,
): Promise<readonly StoredVersion[]> {
  const cursor = history.find(filter, {
    ...exactTypes,
    ...options,
    readPreference: 'primary',
    projection: { cell: 0, cellAt: 0, n: 0, isCut: 0 },
  })
  return (await cursor.toArray()).map(storedOf)
}

function storedOf({ id, from, to, fromAt, toAt, doc }: HistoryVersion): StoredVersion {
  const isOpen = to === openPosition
  return {
    id,
    from,
    to: isOpen ? undefined : to,
    fromAt,
    toAt: isOpen ? undefined : toAt,
    document: doc,
  }
}

/** Embedded documents are compared field by field, in this order. */
function keyOf({ id, from }: VersionKey): HistoryVersion['_id'] {
  return { id, from }
}
