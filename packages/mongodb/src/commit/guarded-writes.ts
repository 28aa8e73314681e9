import type { UniqueIndexViolationError } from '@varve/core'
import type { DocumentWrite } from '@varve/core'
import { type BulkWriteResult, type Collection, MongoBulkWriteError } from 'mongodb'
import { isDuplicateKey } from '../mongodb-errors.ts'
import { exactTypes, writeOptions } from './bson-options.ts'
import { guardedOperation, type MetaDocument } from './document-operations.ts'
import type { Tombstones } from './tombstones.ts'
import { isDuplicateId, uniqueIndexViolation } from './unique-index-violation.ts'
import type { ModelWrites } from './writes-by-model.ts'

interface PlannedWrite {
  readonly write: DocumentWrite
  readonly isStored: boolean
}

/** What became of one round: all was written, or something was in the way. */
interface RoundOutcome {
  readonly isComplete: boolean
  /** A value under a unique index that another document had, where that was in the way. */
  readonly violation: UniqueIndexViolationError | undefined
}

const maxRounds = 8

/**
 * Writes the documents of one collection without a transaction, each only over an older position.
 *
 * Normally one bulk write. Where a guard did not match, or a key existed, it looks what is stored, leaves alone
 * what is as new already, and writes the rest again: for a document another runner wrote, one that was deleted
 * before, or a value under a unique index that a later write of the batch sets free.
 *
 * @returns False when others kept writing the same documents, so that it gave up.
 * @throws {UniqueIndexViolationError} A round wrote nothing, because of a unique index.
 */
export async function writeGuarded(
  collection: Collection<MetaDocument>,
  tombstones: Tombstones,
  { model, collection: name, writes }: ModelWrites,
): Promise<boolean> {
  let planned = inWritingOrder(
    writes.map((write) => ({ write, isStored: write.previous !== undefined })),
  )
  for (let round = 1; round <= maxRounds; round++) {
    const { isComplete, violation } = await writeRound(collection, model.name, planned)
    if (isComplete) return true
    const left = await remaining(collection, tombstones, name, planned)
    if (left.length === 0) return true
    if (violation && left.length === planned.length) throw violation
    planned = inWritingOrder(left)
  }
  return false
}

/** Deletes first and inserts last, so that values under unique indexes tend to be free in time. */
function inWritingOrder(planned: readonly PlannedWrite[]): readonly PlannedWrite[] {
  const rank = ({ write, isStored }: PlannedWrite): number =>
    write.document === undefined ? 0 : isStored ? 1 : 2
  return [...planned].sort((a, b) => rank(a) - rank(b))
}

async function writeRound(
  collection: Collection<MetaDocument>,
  model: string,
  planned: readonly PlannedWrite[],
): Promise<RoundOutcome> {
  const at = new Date()
  const operations = planned.map(({ write, isStored }) => guardedOperation(write, isStored, at))
  const replaced = planned.filter(({ write, isStored }) => isStored && write.document).length
  try {
    const options = { ...writeOptions, writeConcern, ordered: false }
    const result: BulkWriteResult = await collection.bulkWrite(operations, options)
    return { isComplete: result.matchedCount === replaced, violation: undefined }
  } catch (error) {
    if (!isDuplicateKey(error) || !hasOnlyDuplicates(error)) throw error
    return { isComplete: false, violation: violationIn(model, error) }
  }
}

const writeConcern = { w: 'majority', wtimeoutMS: 10_000 } as const

async function remaining(
  collection: Collection<MetaDocument>,
  tombstones: Tombstones,
  name: string,
  planned: readonly PlannedWrite[],
): Promise<readonly PlannedWrite[]> {
  const ids = planned.map(({ write }) => write.id)
  const found = await collection
    .find({ _id: { $in: ids } }, { ...exactTypes, projection: { '_meta.position': 1 } })
    .toArray()
  const stored = new Map(found.map(({ _id, _meta }) => [_id, _meta?.position ?? -1n]))
  const deleted = await tombstones.positions(name, ids)
  return planned
    .filter(({ write: { id, document, position } }) => {
      const at = stored.get(id)
      // The deletion this write itself remembered must not hide that its document is there still.
      if (document === undefined) return at !== undefined && at < position
      return (at ?? -1n) < position && (deleted.get(id) ?? -1n) < position
    })
    .map(({ write }) => ({ write, isStored: stored.has(write.id) }))
}

function hasOnlyDuplicates(error: unknown): boolean {
  const errors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : []
  return errors.every((one) => one.code === 11000)
}

function violationIn(model: string, error: unknown): UniqueIndexViolationError | undefined {
  if (!(error instanceof MongoBulkWriteError)) return undefined
  const failed = [error.writeErrors].flat().find((one) => !isDuplicateId(one.errmsg ?? ''))
  if (!failed) return undefined
  return uniqueIndexViolation(model, error, failed)
}
