import type { DocumentWrite } from '@varve/core'
import type { AnyBulkWriteOperation, Document } from 'mongodb'

/** A document of a read model as MongoDB has it; `_meta` never leaves this package. */
export type MetaDocument = Document & {
  readonly _id: string
  readonly _meta?: { readonly position: bigint; readonly events?: number; readonly at: Date }
}

/** One operation on a collection of documents. */
export type DocumentOperation = AnyBulkWriteOperation<MetaDocument>

/**
 * Builds the operations of one collection for a transaction, where the checkpoint already proves that nobody
 * else wrote: no guards.
 *
 * Deletes come first and inserts last: so a value under a unique index is free before it is taken again, and
 * each kind is one command.
 */
export function transactionOperations(
  writes: readonly DocumentWrite[],
  at: Date,
): DocumentOperation[] {
  const deletes: DocumentOperation[] = []
  const replaces: DocumentOperation[] = []
  const inserts: DocumentOperation[] = []
  for (const write of writes) {
    const { id, previous } = write
    if (write.document === undefined) {
      if (previous !== undefined) deletes.push({ deleteOne: { filter: { _id: id } } })
    } else if (previous === undefined) {
      inserts.push({ insertOne: { document: stored(write, at) } })
    } else {
      // `previous` may be that of a deletion this store remembers: then there is nothing to replace.
      replaces.push(replacement({ _id: id }, write, at, true))
    }
  }
  return [...deletes, ...replaces, ...inserts]
}

/**
 * Builds the same result as {@link transactionOperations} by deleting every document first.
 *
 * For a batch whose documents swap values of a unique index: no order of single writes gets there.
 */
export function rewriteOperations(writes: readonly DocumentWrite[], at: Date): DocumentOperation[] {
  const ids = writes.map((write) => write.id)
  const inserts = writes
    .filter((write) => write.document !== undefined)
    .map((write) => ({ insertOne: { document: stored(write, at) } }))
  return [{ deleteMany: { filter: { _id: { $in: ids } } } }, ...inserts]
}

/**
 * Builds the operation for one document outside a transaction: it only ever goes over an older position, so it
 * may be sent again, and a runner that lost its checkpoint cannot bring an older state back.
 *
 * @param isStored Whether a document is there to be replaced.
 */
export function guardedOperation(
  write: DocumentWrite,
  isStored: boolean,
  at: Date,
): DocumentOperation {
  // Unlike $lt, this also takes a document somebody put there by hand, without a position.
  const older = { _id: write.id, '_meta.position': { $not: { $gte: write.position } } }
  if (write.document === undefined) return { deleteOne: { filter: older } }
  if (isStored) return replacement(older, write, at, false)
  return { insertOne: { document: stored(write, at) } }
}

function replacement(
  filter: Document,
  write: DocumentWrite,
  at: Date,
  upsert: boolean,
): DocumentOperation {
  return { replaceOne: { filter, replacement: stored(write, at), upsert } }
}

function stored({ document, position, events }: DocumentWrite, at: Date): MetaDocument {
  return { ...document, _meta: { position, events, at } } as MetaDocument
}
