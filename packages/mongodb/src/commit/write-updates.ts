import type { DocumentUpdate } from '@varve/core'
import { type ClientSession, type Collection, MongoBulkWriteError } from 'mongodb'
import { isDuplicateKey } from '../mongodb-errors.ts'
import { exactTypes, writeOptions } from './bson-options.ts'
import type { MetaDocument } from './document-operations.ts'
import { refusedUpdate } from './refused-update.ts'
import { isDuplicateId } from './unique-index-violation.ts'
import { guardedUpdates } from './update-operations.ts'
import type { ModelUpdates } from './writes-by-model.ts'

const writeConcern = { w: 'majority', wtimeoutMS: 10_000 } as const

/**
 * Applies the updates of one collection in a transaction, which an id that is taken would abort: so the positions of
 * the documents are read first, and nothing else of them.
 *
 * @throws {DocumentRefusedError}
 */
export async function updateInTransaction(
  collection: Collection<MetaDocument>,
  { model, updates }: ModelUpdates,
  session: ClientSession,
): Promise<void> {
  const ids = [...new Set(updates.map(({ id }) => id))]
  const found = await collection
    .find({ _id: { $in: ids } }, { ...exactTypes, projection: { '_meta.position': 1 }, session })
    .toArray()
  const stored = new Map(found.map(({ _id, _meta }) => [_id, _meta?.position ?? -1n]))
  const fresh = updates.filter(({ id, position }) => position > (stored.get(id) ?? -1n))
  if (fresh.length === 0) return
  try {
    const options = { ...writeOptions, session, ordered: true }
    await collection.bulkWrite(guardedUpdates(fresh, new Date()), options)
  } catch (error) {
    throw refusedUpdate(model.name, fresh, error)
  }
}

/**
 * Applies the updates of one collection without a transaction, one after the other.
 *
 * @throws {DocumentRefusedError} Those before it are applied.
 */
export async function updateGuarded(
  collection: Collection<MetaDocument>,
  { model, updates }: ModelUpdates,
): Promise<void> {
  const options = { ...writeOptions, writeConcern, ordered: true }
  let left: readonly DocumentUpdate[] = updates
  while (left.length > 0) {
    try {
      await collection.bulkWrite(guardedUpdates(left, new Date()), options)
      return
    } catch (error) {
      const taken = indexOfTakenId(error)
      if (taken === undefined) throw refusedUpdate(model.name, left, error)
      left = left.slice(taken + 1)
    }
  }
}

/** Where a bulk write stopped at a document that has the event already. */
function indexOfTakenId(error: unknown): number | undefined {
  if (!isDuplicateKey(error) || !(error instanceof MongoBulkWriteError)) return undefined
  const [first] = [error.writeErrors].flat()
  return first && isDuplicateId(first.errmsg ?? '') ? first.index : undefined
}
