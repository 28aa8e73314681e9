import { type DocumentUpdate, UpdateRefusedError } from '@varve/core'
import { MongoBulkWriteError } from 'mongodb'
import { isDuplicateKey, isUnavailable } from '../mongodb-errors.ts'
import { uniqueIndexViolation } from './unique-index-violation.ts'

/** Codes by which the server refuses an operator for what is in the document. */
const refusals: ReadonlySet<unknown> = new Set([
  2, // BadValue
  9, // FailedToParse
  14, // TypeMismatch
  28, // PathNotViable
  40, // ConflictingUpdateOperators
  56, // EmptyFieldName
  10334, // BSONObjectTooLarge
  17419, // what an update makes of a document is too large
  17420, // so is what it makes of nothing
])

/** Turns what the server said of updates of one collection into the error that names the document. */
export function refusedUpdate(
  model: string,
  updates: readonly DocumentUpdate[],
  error: unknown,
): unknown {
  if (isDuplicateKey(error)) return uniqueIndexViolation(model, error)
  if (!(error instanceof MongoBulkWriteError) || isUnavailable(error)) return error
  const [first] = [error.writeErrors].flat()
  if (!first || !refusals.has(first.code)) return error
  const id = (first.err.op as { q?: { _id?: unknown } } | undefined)?.q?._id
  const known = updates.find((one) => one.id === id) ?? updates[0]
  return known
    ? new UpdateRefusedError(model, known.id, first.errmsg ?? 'the server refused it', {
        cause: error,
      })
    : error
}
