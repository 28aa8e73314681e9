import { Timestamp } from 'bson'
import { plainText, printDocument } from '../bson/print-value.ts'
import { isDocument, timestampBits, type BsonDocument } from '../bson/value.ts'
import type { Command } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import { CurrentView, SnapshotView, type ReadView } from '../store/read-view.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { MongoServer } from './mongo-server.ts'

const LEVELS = ['local', 'available', 'majority', 'linearizable', 'snapshot']
const FIELDS = new Set([
  'level',
  'afterOpTime',
  'afterClusterTime',
  'atClusterTime',
  '$allowTransactionTableSnapshot',
  '$waitLastStableRecoveryTimestamp',
  'provenance',
])

/**
 * Checks the read concern of a command.
 *
 * @throws {ServerError} It is malformed, or the command or the server has no such level.
 */
export function assertReadConcern(
  server: MongoServer,
  command: Command,
  name: string,
  body: BsonDocument,
): void {
  const concern = body['readConcern']
  if (concern === undefined) return
  if (!isDocument(concern)) throw new ServerError('FailedToParse', 'readConcern must be an object')
  for (const field of Object.keys(concern)) {
    if (FIELDS.has(field)) continue
    throw new ServerError(
      'InvalidOptions',
      `Unrecognized option in read concern: ${field}, ${printDocument(concern)}`,
    )
  }
  const level = concern['level'] ?? 'local'
  if (typeof level !== 'string' || !LEVELS.includes(level)) {
    throw new ServerError(
      'FailedToParse',
      `readConcern.level must be either 'local', 'majority', 'linearizable', 'available', or 'snapshot', but was '${plainText(level)}'`,
    )
  }
  if (body['autocommit'] !== undefined) assertInTransaction(command, name, body, concern, level)
  else assertSupported(command, name, body, concern, level)
  if (!server.isReplicaSet) assertOnStandalone(level)
}

function assertInTransaction(
  command: Command,
  name: string,
  body: BsonDocument,
  concern: BsonDocument,
  level: string,
): void {
  if (body['startTransaction'] !== true && Object.keys(concern).length > 0) {
    throw new ServerError(
      'InvalidOptions',
      'Only the first command in a transaction may specify a readConcern',
    )
  }
  if (level === 'available' || level === 'linearizable') {
    throw new ServerError(
      'InvalidOptions',
      "The readConcern level must be either 'local' (default), 'majority' or 'snapshot' in order to run in a transaction",
    )
  }
  if (level !== 'local' && command.changesCatalog) {
    throw notSupported(name, concern, "this transaction's ", 'read concern not supported')
  }
}

function assertSupported(
  command: Command,
  name: string,
  body: BsonDocument,
  concern: BsonDocument,
  level: string,
): void {
  if (level === 'local') return
  const levels = command.readConcerns ?? []
  if (!levels.includes(level)) throw notSupported(name, concern, '', 'read concern not supported')
  const stages = Array.isArray(body['pipeline']) ? body['pipeline'] : []
  const last = stages[stages.length - 1]
  const output = isDocument(last) ? Object.keys(last)[0] : undefined
  if (level === 'linearizable' && (output === '$out' || output === '$merge')) {
    const reason = `${output} cannot be used with a 'linearizable' read concern`
    throw notSupported(name, concern, '', reason)
  }
}

function notSupported(
  name: string,
  concern: BsonDocument,
  whose: string,
  reason: string,
): ServerError {
  const shown = printDocument({ readConcern: { ...concern, provenance: 'clientSupplied' } })
  return new ServerError(
    'InvalidOptions',
    `Command ${name} does not support ${whose}${shown} :: caused by :: ${reason}`,
  )
}

function assertOnStandalone(level: string): void {
  if (level === 'linearizable') {
    throw new ServerError(
      'NotAReplicaSet',
      'node needs to be a replica set member to use read concern',
    )
  }
  if (level === 'snapshot') {
    throw new ServerError(
      'NotAReplicaSet',
      'node needs to be a replica set member to use readConcern: snapshot',
    )
  }
}

/** What a command reads: the latest documents, a transaction's or a snapshot's. */
export function viewOf(
  server: MongoServer,
  body: BsonDocument,
  transaction: Transaction | undefined,
): ReadView {
  const { engine } = server
  if (transaction) {
    return new SnapshotView(engine.rows, engine.versions, transaction.snapshot.ts, (collection) =>
      transaction.view.get(collection),
    )
  }
  const concern = body['readConcern']
  if (!isDocument(concern) || concern['level'] !== 'snapshot') return new CurrentView(engine.rows)
  const at = concern['atClusterTime']
  return server.snapshotReads.view(at instanceof Timestamp ? timestampBits(at) : undefined)
}
