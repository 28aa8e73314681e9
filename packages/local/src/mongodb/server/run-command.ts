import { Binary } from 'bson'
import type { EncodableDocument } from '../bson/encode.ts'
import {
  isDocument,
  isNumeric,
  timestampBits,
  timestampOf,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { Timestamp } from 'bson'
import { commandNamed } from '../commands/command-table.ts'
import type { Command, CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import { codeNameOf } from '../errors/error-codes.ts'
import type { Session } from '../session/session.ts'
import { CurrentView, SnapshotView, type ReadView } from '../store/read-view.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { ClientConnection, CommandOutcome } from '../wire/client-connection.ts'
import type { CommandRequest } from '../wire/message.ts'
import { assertApiVersion } from './api-version.ts'
import { errorLabels } from './error-labels.ts'
import type { MongoServer } from './mongo-server.ts'

const GENERIC = new Set([
  '$db',
  '$readPreference',
  '$clusterTime',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'maxTimeMS',
  'comment',
  '$tenant',
  'readPreference',
  'maxTimeMSOpOnly',
  'stmtId',
  'stmtIds',
  '$audit',
  '$client',
])

/** Runs one command: fail points, session and transaction around it, and the answer with its times. */
export async function runCommand(
  server: MongoServer,
  request: CommandRequest,
  connection: ClientConnection,
): Promise<CommandOutcome> {
  const name = Object.keys(request.body)[0] ?? ''
  const failure = server.failPoints.hit(name, connection.appName)
  if (failure?.['blockConnection'] === true) await pause(failure['blockTimeMS'])
  if (failure?.['closeConnection'] === true) return 'close'
  let reply: EncodableDocument
  try {
    if (failure && isNumeric(failure['errorCode']) && failure['writeConcernError'] === undefined) {
      const code = toNumber(failure['errorCode'])
      throw new ServerError(code, `Failing command via 'failCommand' failpoint`)
    }
    reply = { ...(await execute(server, request, connection, name)), ok: 1 }
  } catch (cause) {
    reply = failed(server, request, name, cause, failure)
  }
  if (isDocument(failure?.['writeConcernError'])) {
    reply = withWriteConcernError(request, name, reply, failure['writeConcernError'], failure)
  }
  const stream = name === 'hello' && request.body['topologyVersion'] !== undefined
  return { reply: { ...reply, ...times(server) }, stream }
}

function times(server: MongoServer): EncodableDocument {
  if (!server.isReplicaSet) return {}
  const operationTime = timestampOf(server.engine.clock.last)
  const signature = { hash: new Binary(Buffer.alloc(20)), keyId: 0n }
  return { operationTime, $clusterTime: { clusterTime: operationTime, signature } }
}

async function execute(
  server: MongoServer,
  request: CommandRequest,
  connection: ClientConnection,
  name: string,
): Promise<EncodableDocument> {
  const command = commandNamed(name)
  if (!command) throw new ServerError('CommandNotFound', `no such command: '${name}'`)
  assertApiVersion(request.body, name)
  assertFields(command, request.body, name)
  const session = isDocument(request.body['lsid'])
    ? server.sessions.get(request.body['lsid'])
    : undefined
  const { transaction, retryNumber } = await enter(server, request.body, session, command, name)
  const context: CommandContext = {
    server,
    connection,
    name,
    db: request.db,
    body: request.body,
    sequences: request.sequences,
    session,
    transaction,
    retryNumber,
    view: viewOf(server, request.body, transaction),
  }
  try {
    return await command.run(context)
  } catch (cause) {
    // In a transaction every failure ends it, except of a cursor that is no longer there.
    const ends = !(cause instanceof ServerError) || cause.codeName !== 'CursorNotFound'
    if (transaction && ends && name !== 'commitTransaction') server.transactions.abort(transaction)
    throw cause
  }
}

function assertFields(command: Command, body: BsonDocument, name: string): void {
  if (!command.fields) return
  for (const field of Object.keys(body)) {
    if (!command.fields.has(field) && !GENERIC.has(field)) {
      throw new ServerError('IDLUnknownField', `BSON field '${name}.${field}' is an unknown field.`)
    }
  }
}

async function enter(
  server: MongoServer,
  body: BsonDocument,
  session: Session | undefined,
  command: Command,
  name: string,
): Promise<{ transaction: Transaction | undefined; retryNumber: bigint | undefined }> {
  const number = body['txnNumber']
  if (number === undefined) return { transaction: undefined, retryNumber: undefined }
  if (!server.isReplicaSet) {
    throw new ServerError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    )
  }
  if (!session)
    throw new ServerError(
      'InvalidOptions',
      'Transaction number requires a session ID to also be specified',
    )
  const txnNumber = typeof number === 'bigint' ? number : BigInt(Number(number))
  if (body['autocommit'] === undefined) {
    enterRetryable(server, session, txnNumber)
    return { transaction: undefined, retryNumber: txnNumber }
  }
  if (name === 'commitTransaction' || name === 'abortTransaction') {
    return { transaction: undefined, retryNumber: undefined }
  }
  const starting = body['startTransaction'] === true
  if (!command.inTransaction) {
    if (!starting && session.transaction) server.transactions.abort(session.transaction)
    throw new ServerError(
      'OperationNotSupportedInTransaction',
      `Cannot run '${name}' in a multi-document transaction.`,
    )
  }
  const transaction = starting
    ? server.transactions.start(session, txnNumber)
    : server.transactions.find(session, txnNumber)
  return { transaction, retryNumber: undefined }
}

function enterRetryable(server: MongoServer, session: Session, txnNumber: bigint): void {
  if (txnNumber < session.txnNumber) server.transactions.find(session, txnNumber)
  if (txnNumber > session.txnNumber) {
    if (session.transaction) server.transactions.abort(session.transaction)
    session.advance(txnNumber)
  }
}

function viewOf(
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
  if (!server.isReplicaSet) {
    throw new ServerError(
      246,
      "node needs to be a replica set member to use readConcern 'snapshot'",
    )
  }
  const at = concern['atClusterTime']
  return server.snapshotReads.view(at instanceof Timestamp ? timestampBits(at) : undefined)
}

function failed(
  server: MongoServer,
  request: CommandRequest,
  name: string,
  cause: unknown,
  failure: BsonDocument | undefined,
): EncodableDocument {
  const error =
    cause instanceof ServerError
      ? cause
      : new ServerError('InternalError', cause instanceof Error ? cause.message : String(cause))
  const given = failure?.['errorLabels']
  const labels = Array.isArray(given) ? given : labelsOf(request.body, name, error.code)
  return {
    ok: 0,
    errmsg: error.message,
    code: error.code,
    codeName: error.codeName,
    ...error.extra,
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  }
}

function labelsOf(
  body: BsonDocument,
  name: string,
  code: number,
  hasWriteConcernError = false,
): string[] {
  const numbered = body['txnNumber'] !== undefined
  const inTransaction = numbered && body['autocommit'] === false
  return errorLabels({
    code,
    inTransaction,
    ending: inTransaction && (name === 'commitTransaction' || name === 'abortTransaction'),
    retryableWrite: numbered && !inTransaction,
    hasWriteConcernError,
  })
}

function withWriteConcernError(
  request: CommandRequest,
  name: string,
  reply: EncodableDocument,
  error: BsonDocument,
  failure: BsonDocument,
): EncodableDocument {
  const code = isNumeric(error['code']) ? toNumber(error['code']) : 0
  const given = failure['errorLabels']
  const labels = Array.isArray(given) ? given : labelsOf(request.body, name, code, true)
  return {
    ...reply,
    writeConcernError: { codeName: codeNameOf(code), ...error },
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  }
}

async function pause(milliseconds: BsonValue | undefined): Promise<void> {
  const time = isNumeric(milliseconds) ? toNumber(milliseconds) : 0
  await new Promise((resolve) => setTimeout(resolve, time))
}
