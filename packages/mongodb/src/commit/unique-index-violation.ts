import { UniqueIndexViolationError } from '@varve/core'
import { MongoBulkWriteError, type MongoServerError, type WriteError } from 'mongodb'

/**
 * Reads index and value out of the server's message; the driver passes nothing else on.
 *
 * @param failed Which of several refused writes; by default the first.
 */
export function uniqueIndexViolation(
  model: string,
  cause: MongoServerError,
  failed: WriteError | undefined = firstFailed(cause),
): UniqueIndexViolationError {
  const message = failed?.errmsg ?? cause.message
  const [, index = 'unknown', value = 'unknown'] =
    /index: (\S+)(?: collation: .*?)? dup key: (.*)$/s.exec(message) ?? []
  return new UniqueIndexViolationError(model, failed && idOf(failed), index, value, { cause })
}

/** Tells whether the server's words on a duplicate key are about `_id`: the document itself is there already. */
export function isDuplicateId(message: string): boolean {
  return /index: _id_? /.test(message)
}

function firstFailed(error: MongoServerError): WriteError | undefined {
  return error instanceof MongoBulkWriteError ? [error.writeErrors].flat()[0] : undefined
}

function idOf(failed: WriteError): string | undefined {
  const operation = failed.getOperation()
  const id: unknown = (operation['q'] as { _id?: unknown } | undefined)?._id ?? operation['_id']
  return typeof id === 'string' ? id : undefined
}
