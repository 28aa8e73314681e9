import { checkUpdate, type DocumentUpdate } from '@varve/core'
import { checkDocument } from './check-document.ts'
import type { DocumentOperation } from './document-operations.ts'

/**
 * Refuses an update that no document could take, or that BSON would change without a word.
 *
 * @throws {UpdateRefusedError}
 * @throws {UnstorableDocumentError}
 */
export function checkOperators(one: DocumentUpdate): void {
  checkUpdate(one)
  checkDocument(one.model.name, one.id, { _id: one.id, ...one.update })
}

/**
 * Builds the operations of one collection: each only over an older position, so all of them may be sent again.
 *
 * Where the document has the event already, the condition does not match, and the server tries to insert what is
 * there: it then says that the id is taken, which means that nothing is left to do.
 */
export function guardedUpdates(updates: readonly DocumentUpdate[], at: Date): DocumentOperation[] {
  return updates.map(({ id, update, position }) => {
    const set = update['$set'] as object | undefined
    const increments = update['$inc'] as object | undefined
    return {
      updateOne: {
        filter: { _id: id, '_meta.position': { $not: { $gte: position } } },
        update: {
          ...update,
          $set: { ...set, '_meta.position': position, '_meta.at': at },
          $inc: { ...increments, '_meta.events': 1 },
        },
        upsert: true,
      },
    }
  })
}
