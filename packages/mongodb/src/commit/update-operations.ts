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

/** Builds the operations of one collection for a transaction: no guards. */
export function transactionUpdates(
  updates: readonly DocumentUpdate[],
  at: Date,
): DocumentOperation[] {
  return updates.map((one) => ({
    updateOne: { filter: { _id: one.id }, update: withMeta(one, at), upsert: true },
  }))
}

/**
 * Builds the operations of one collection outside a transaction: the document is made first, older than every event,
 * and then updated only over an older position, so all of them may be sent again. An upsert with that condition
 * would try to insert what is there already.
 */
export function guardedUpdates(updates: readonly DocumentUpdate[], at: Date): DocumentOperation[] {
  const ids = new Set(updates.map(({ id }) => id))
  return [
    ...Array.from(ids, (_id) => ({
      updateOne: {
        filter: { _id },
        update: { $setOnInsert: { _meta: { position: -1n, at } } },
        upsert: true,
      },
    })),
    ...updates.map((one) => ({
      updateOne: {
        filter: { _id: one.id, '_meta.position': { $not: { $gte: one.position } } },
        update: withMeta(one, at),
      },
    })),
  ]
}

function withMeta({ update, position }: DocumentUpdate, at: Date): Record<string, unknown> {
  const set = update['$set'] as object | undefined
  return { ...update, $set: { ...set, '_meta.position': position, '_meta.at': at } }
}
