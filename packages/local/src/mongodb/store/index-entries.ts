import type { BsonDocument } from '../bson/value.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import type { Engine } from './engine.ts'
import { entryKey } from './store-keys.ts'

/** Brings the index entries of one document from its old to its new state. Runs inside a storage job. */
export function syncEntries(
  engine: Engine,
  indexes: readonly CollectionIndex[],
  rid: number,
  before: BsonDocument | undefined,
  after: BsonDocument | undefined,
): void {
  for (const index of indexes) {
    const old = new Map(entriesOf(index, rid, before))
    for (const [text, key] of entriesOf(index, rid, after)) {
      if (!old.delete(text)) engine.rows.insertEntry(key, rid)
    }
    for (const key of old.values()) engine.rows.deleteEntry(key)
    if (after) markMultikey(engine, index, after)
  }
}

function entriesOf(
  index: CollectionIndex,
  rid: number,
  document: BsonDocument | undefined,
): [string, Buffer][] {
  if (!document) return []
  return index
    .keysOf(document)
    .keys.map((key) => [key.toString('latin1'), entryKey(index.id, key, rid)])
}

function markMultikey(engine: Engine, index: CollectionIndex, document: BsonDocument): void {
  if (index.multikey || !index.keysOf(document).multikey) return
  index.multikey = true
  engine.catalog.updateIndex(index)
}
