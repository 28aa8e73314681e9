import type { BsonDocument } from '../bson/value.ts'
import type { ChangeEntry } from '../change-stream/change-entry.ts'
import type { Engine } from '../store/engine.ts'
import type { Collection } from './collection.ts'

/** Where a change of a collection happened. */
export function placeOf(collection: Collection): { db: string; collection: string; uuid: Buffer } {
  const { db, collection: name } = collection.namespace
  return { db, collection: name, uuid: collection.uuid }
}

/** Logs a change of the catalog. Runs inside a storage job. */
export function logChange(engine: Engine, entry: ChangeEntry): void {
  engine.changes.append({ ts: engine.clock.next(), wallTime: new Date(), entries: [entry] })
}

/** The change that made a collection or a view. */
export function creation(collection: Collection): ChangeEntry {
  const { db, collection: name, uuid } = placeOf(collection)
  if (collection.view) {
    const { viewOn, pipeline } = collection.view
    const details: BsonDocument = { viewOn, pipeline: [...pipeline] }
    return { operation: 'create', db, collection: name, details }
  }
  const [idIndex] = collection.indexes
  const details = { ...collection.options, ...(idIndex ? { idIndex: idIndex.spec } : {}) }
  return { operation: 'create', db, collection: name, uuid, details }
}
