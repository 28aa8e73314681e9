import { compareText } from '../bson/compare.ts'
import { isNumeric, toNumber, type BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { compileFilter } from '../query/filter.ts'
import { findDocuments } from '../query/find-documents.ts'
import { sortValue } from '../query/sort-order.ts'
import { DirectWriter } from '../store/direct-writer.ts'
import type { Engine } from '../store/engine.ts'
import { BlockedByTransaction } from '../transaction/write-conflicts.ts'

/** When documents of a collection are over: so many seconds after a time they carry. */
interface Expiry {
  readonly path: string
  readonly seconds: number
  readonly includes: (document: BsonDocument) => boolean
}

/** Removes the documents that are over. Runs inside a storage job. */
export function removeExpiredDocuments(engine: Engine, now: number): void {
  for (const collection of engine.catalog.list()) {
    for (const expiry of expiriesOf(collection)) removeExpired(engine, collection, expiry, now)
  }
}

function expiriesOf(collection: Collection): Expiry[] {
  const expiries = collection.indexes.flatMap((index): Expiry[] => {
    const { expireAfterSeconds: seconds, fields, partial } = index
    const [field] = fields
    if (seconds === undefined || !field || fields.length !== 1) return []
    return [
      { path: field.path, seconds, includes: (document) => partial?.matches(document) ?? true },
    ]
  })
  const seconds = collection.options['expireAfterSeconds']
  if (!isNumeric(seconds)) return expiries
  const path = collection.timeseries?.timeField ?? '_id'
  return [...expiries, { path, seconds: toNumber(seconds), includes: () => true }]
}

function removeExpired(engine: Engine, collection: Collection, expiry: Expiry, now: number): void {
  const { path, seconds, includes } = expiry
  const filter = compileFilter({ [path]: { $lte: new Date(now - seconds * 1000) } })
  const writer = new DirectWriter(engine)
  for (const match of [...findDocuments(engine, writer.view, collection, { filter }).matches]) {
    const earliest = sortValue(match.document, path.split('.'), 1, compareText)
    if (!(earliest instanceof Date) || !includes(match.document)) continue
    try {
      writer.remove(collection, match.stored)
    } catch (cause) {
      // Locked by a transaction: the next round finds it again.
      if (!(cause instanceof BlockedByTransaction)) throw cause
    }
  }
  writer.publish()
}
