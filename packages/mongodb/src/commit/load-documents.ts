import type { ReadModelDocument, StoredDocument } from '@varve/core'
import type { Collection } from 'mongodb'
import { exactTypes } from './bson-options.ts'
import type { MetaDocument } from './document-operations.ts'

/** Loads documents by id, each with its position and without `_meta`. */
export async function loadDocuments(
  collection: Collection<MetaDocument>,
  ids: readonly string[],
): Promise<Map<string, StoredDocument>> {
  const loaded = new Map<string, StoredDocument>()
  if (ids.length === 0) return loaded
  const cursor = collection.find(
    { _id: { $in: [...ids] } },
    { ...exactTypes, readPreference: 'primary', batchSize: ids.length + 1 },
  )
  for (const stored of await cursor.toArray()) {
    // One without was put there by hand: older than every event.
    const { position = -1n, events = 0 } = stored._meta ?? {}
    // `_meta` is the last field, so this leaves the object in its fast form.
    delete (stored as { _meta?: unknown })._meta
    loaded.set(stored._id, { document: stored, position, events })
  }
  return loaded
}

/** Reads a page of documents in the order of their ids, without `_meta`. */
export async function listDocuments(
  collection: Collection<MetaDocument>,
  after: string | undefined,
  limit: number,
): Promise<readonly ReadModelDocument[]> {
  const cursor = collection.find(after === undefined ? {} : { _id: { $gt: after } }, {
    ...exactTypes,
    readPreference: 'primary',
    sort: { _id: 1 },
    projection: { _meta: 0 },
    limit,
  })
  return cursor.toArray()
}
