import { printDocument } from '../bson/print-value.ts'
import { isDocument, isNumeric, toNumber, type BsonDocument } from '../bson/value.ts'
import { codeNameOf } from '../errors/code-names.ts'
import { ERROR_CODE } from '../errors/error-codes.ts'
import { ServerError } from '../errors/server-error.ts'
import { writesOutput, type Command } from '../commands/command.ts'

const FIELDS = new Set(['w', 'j', 'wtimeout', 'fsync', 'getLastError', 'provenance'])
const MAX_MEMBERS = 50

/** True when a command waits for a write concern. */
export function supportsWriteConcern(command: Command, body: BsonDocument): boolean {
  return (
    command.writes === true ||
    command.changesCatalog === true ||
    command.endsTransaction === true ||
    writesOutput(body)
  )
}

/**
 * Checks the write concern of a command.
 *
 * @throws {ServerError} It is malformed, or not allowed for the command.
 */
export function assertWriteConcern(
  isReplicaSet: boolean,
  command: Command,
  body: BsonDocument,
): void {
  const concern = body['writeConcern']
  if (concern === undefined) return
  if (!isDocument(concern)) throw new ServerError('TypeMismatch', 'writeConcern must be an object')
  if (!supportsWriteConcern(command, body)) {
    throw new ServerError('InvalidOptions', 'Command does not support writeConcern')
  }
  if (body['autocommit'] !== undefined && !command.endsTransaction) {
    throw new ServerError(
      'InvalidOptions',
      'writeConcern is not allowed within a multi-statement transaction',
    )
  }
  for (const field of Object.keys(concern)) {
    if (FIELDS.has(field)) continue
    throw new ServerError(
      'IDLUnknownField',
      `BSON field 'writeConcern.${field}' is an unknown field.`,
    )
  }
  assertMembers(isReplicaSet, concern)
}

function assertMembers(isReplicaSet: boolean, concern: BsonDocument): void {
  const { w } = concern
  if (isNumeric(w)) {
    const members = toNumber(w)
    if (!Number.isInteger(members) || members < 0 || members > MAX_MEMBERS) {
      throw new ServerError(
        'FailedToParse',
        `w has to be a non-negative number and not greater than ${MAX_MEMBERS}; found: ${members}`,
      )
    }
    if (!isReplicaSet && members > 1)
      throw new ServerError('BadValue', "cannot use 'w' > 1 when a host is not replicated")
  } else if (typeof w === 'string') {
    if (!isReplicaSet && w !== 'majority') {
      throw new ServerError(
        'BadValue',
        `cannot use non-majority 'w' mode ${w} when a host is not a member of a replica set`,
      )
    }
  } else if (w !== undefined && !isDocument(w)) {
    throw new ServerError('FailedToParse', 'w has to be a number, string, or object')
  }
}

/** The error of a write concern that a set of one member cannot fulfil. */
export function unsatisfiable(body: BsonDocument): BsonDocument | undefined {
  const concern = body['writeConcern']
  if (!isDocument(concern)) return undefined
  const { w } = concern
  if (isNumeric(w) && toNumber(w) > 1) {
    return failure(ERROR_CODE.UnsatisfiableWriteConcern, 'Not enough data-bearing nodes', concern)
  }
  if ((typeof w === 'string' && w !== 'majority') || isDocument(w)) {
    const mode = isDocument(w) ? printDocument(w) : w
    return failure(
      ERROR_CODE.UnknownReplWriteConcern,
      `No write concern mode named '${mode}' found in replica set configuration`,
      concern,
    )
  }
  return undefined
}

function failure(code: number, errmsg: string, concern: BsonDocument): BsonDocument {
  const writeConcern = { wtimeout: 0, ...concern, provenance: 'clientSupplied' }
  return { code, codeName: codeNameOf(code), errmsg, errInfo: { writeConcern } }
}
