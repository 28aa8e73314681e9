import { sortValue } from '../query/sort-order.ts'
import { compareText } from '../bson/compare.ts'
import { compileFilter } from '../query/filter.ts'
import { findDocuments } from '../query/find-documents.ts'
import { DirectWriter } from '../store/direct-writer.ts'
import type { Engine } from '../store/engine.ts'
import { BlockedByTransaction } from '../transaction/write-conflicts.ts'

/** Removes the documents whose TTL index says they are over. Runs inside a storage job. */
export function removeExpiredDocuments(engine: Engine, now: number): void {
  for (const collection of engine.catalog.list()) {
    for (const index of collection.indexes) {
      const seconds = index.expireAfterSeconds
      const [field] = index.fields
      if (seconds === undefined || !field || index.fields.length !== 1) continue
      const limit = new Date(now - seconds * 1000)
      const filter = compileFilter({ [field.path]: { $lte: limit } })
      const writer = new DirectWriter(engine)
      for (const match of [...findDocuments(engine, writer.view, collection, { filter }).matches]) {
        const earliest = sortValue(match.document, field.parts, 1, compareText)
        if (
          !(earliest instanceof Date) ||
          (index.partial && !index.partial.matches(match.document))
        )
          continue
        try {
          writer.remove(collection, match.stored)
        } catch (cause) {
          // Locked by a transaction: the next round finds it again.
          if (!(cause instanceof BlockedByTransaction)) throw cause
        }
      }
      writer.publish()
    }
  }
}
