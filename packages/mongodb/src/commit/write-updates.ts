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
  const fresh = await withoutApplied(collection, updates, session)
  if (fresh.length === 0) return
  try {
    const options = { ...writeOptions, session, ordered: true }
    await collection.bulkWrite(guardedUpdates(fresh, new Date()), options)
  } catch (error) {
    throw refusedUpdate(model.name, fresh, error)
  }
}

/**
 * Applies the updates of one collection without a transaction, one after the other. Where one meets a document that
 * has its event, as after a crash, it looks which others are applied already and goes on with the rest.
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
      if (!isTakenId(error)) throw refusedUpdate(model.name, left, error)
      left = await withoutApplied(collection, left)
    }
  }
}

/** Leaves out the updates whose events are in their documents. */
async function withoutApplied(
  collection: Collection<MetaDocument>,
  updates: readonly DocumentUpdate[],
  session?: ClientSession,
): Promise<readonly DocumentUpdate[]> {
  const ids = [...new Set(updates.map(({ id }) => id))]
  const options = {
    ...exactTypes,
    projection: { '_meta.position': 1 },
    readPreference: 'primary',
  } as const
  const found = await collection
    .find({ _id: { $in: ids } }, { ...options, ...(session && { session }) })
    .toArray()
  const stored = new Map(found.map(({ _id, _meta }) => [_id, _meta?.position ?? -1n]))
  return updates.filter(({ id, position }) => position > (stored.get(id) ?? -1n))
}

/** Tells whether a bulk write stopped at a document that has the event already. */
function isTakenId(error: unknown): boolean {
  if (!isDuplicateKey(error) || !(error instanceof MongoBulkWriteError)) return false
  const [first] = [error.writeErrors].flat()
  return first !== undefined && isDuplicateId(first.errmsg ?? '')
}
