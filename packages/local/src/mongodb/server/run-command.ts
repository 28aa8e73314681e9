import { Binary } from 'bson'
import type { EncodableDocument } from '../bson/encode.ts'
import { isDocument, isNumeric, timestampOf, toNumber, type BsonDocument } from '../bson/value.ts'
import { assertFields } from '../commands/command-fields.ts'
import { commandNamed, unknownCommand } from '../commands/command-table.ts'
import { topologyVersion } from '../commands/hello-commands.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import type { ClientConnection, CommandOutcome } from '../wire/client-connection.ts'
import type { CommandRequest } from '../wire/message.ts'
import { assertApiVersion } from './api-version.ts'
import { CutConnection } from './cut-connection.ts'
import { enterSession } from './enter-session.ts'
import { concernsTopology, errorLabels } from './error-labels.ts'
import {
  commandFailure,
  failedWriteConcern,
  type CommandFailure,
  type FailCandidate,
  type FailedWriteConcern,
} from './fail-command.ts'
import type { MongoServer } from './mongo-server.ts'
import { assertReadConcern, viewOf } from './read-concern.ts'
import { assertWriteConcern, supportsWriteConcern, unsatisfiable } from './write-concern.ts'

/** Fields every command takes. */
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
  'maxTimeMSOpOnly',
  'stmtId',
  'stmtIds',
  '$audit',
  '$client',
  '$configServerState',
  '$oplogQueryData',
  '$queryOptions',
  '$replData',
  'coordinator',
  'help',
])

/** Runs one command: fail points, session and transaction around it, and the answer with its times. */
export async function runCommand(
  server: MongoServer,
  request: CommandRequest,
  connection: ClientConnection,
): Promise<CommandOutcome> {
  const name = Object.keys(request.body)[0] ?? ''
  const candidate = { request, name, appName: connection.appName }
  let failure: CommandFailure | undefined
  let reply: EncodableDocument
  try {
    failure = commandFailure(server.failPoints, candidate)
    if (failure && failure.blockMs > 0) await pause(failure.blockMs, connection.signal)
    if (failure?.closeConnection) return 'close'
    if (failure?.error) throw failure.error
    reply = { ...(await execute(server, request, connection, name)), ok: 1 }
  } catch (cause) {
    if (cause instanceof CutConnection) return 'close'
    reply = failed(request.body, name, cause, failure)
  }
  reply = withWriteConcernError(server, candidate, reply)
  const stream = name === 'hello' && request.body['topologyVersion'] !== undefined
  return { reply: { ...reply, ...topology(server, reply), ...times(server) }, stream }
}

function topology(server: MongoServer, reply: EncodableDocument): EncodableDocument {
  const missed = reply['writeConcernError']
  const codes = [reply['code'], isDocument(missed) ? missed['code'] : undefined]
  const concerned = codes.some(
    (code) => isNumeric(code) && concernsTopology(toNumber(code), server.isReplicaSet),
  )
  return concerned ? { topologyVersion: topologyVersion(server) } : {}
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
  const { body } = request
  const command = commandNamed(name)
  if (!command) throw unknownCommand(name)
  assertApiVersion(body, name)
  if (command.fields) assertFields(command.subject ?? name, command.fields, body, GENERIC)
  assertWriteConcern(server.isReplicaSet, command, body)
  const session = isDocument(body['lsid']) ? server.sessions.get(body['lsid']) : undefined
  const { transaction, retryNumber } = enterSession(server, body, session, command, name)
  assertReadConcern(server, command, name, body)
  const context: CommandContext = {
    server,
    connection,
    name,
    db: request.db,
    body,
    sequences: request.sequences,
    session,
    transaction,
    retryNumber,
    view: viewOf(server, body, transaction),
  }
  try {
    return await command.run(context)
  } catch (cause) {
    // In a transaction every failure ends it, except of a cursor that is no longer there.
    const ends = !(cause instanceof ServerError) || cause.codeName !== 'CursorNotFound'
    if (transaction && ends) server.transactions.abort(transaction)
    throw cause
  }
}

function failed(
  body: BsonDocument,
  name: string,
  cause: unknown,
  failure: CommandFailure | undefined,
): EncodableDocument {
  const error =
    cause instanceof ServerError
      ? cause
      : new ServerError('InternalError', cause instanceof Error ? cause.message : String(cause))
  const ofChangeStream = error.ofChangeStream || opensChangeStream(body)
  const labels =
    failure?.errorLabels ??
    errorLabels({ code: error.code, ofChangeStream, ...circumstances(body, name) })
  return {
    ok: 0,
    errmsg: error.message,
    code: error.code,
    codeName: error.codeName,
    ...error.extra,
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  }
}

function opensChangeStream({ pipeline }: BsonDocument): boolean {
  const first = Array.isArray(pipeline) ? pipeline[0] : undefined
  return isDocument(first) && '$changeStream' in first
}

function circumstances(body: BsonDocument, name: string) {
  const numbered = body['txnNumber'] !== undefined
  const inTransaction = numbered && body['autocommit'] === false
  return {
    inTransaction,
    ending: inTransaction && (name === 'commitTransaction' || name === 'abortTransaction'),
    retryableWrite: numbered && !inTransaction,
  }
}

function withWriteConcernError(
  server: MongoServer,
  candidate: FailCandidate,
  reply: EncodableDocument,
): EncodableDocument {
  const { name, request } = candidate
  const command = commandNamed(name)
  if (!command || !supportsWriteConcern(command, request.body)) return reply
  const failed = failedWriteConcern(server.failPoints, candidate) ?? missed(server, request, reply)
  if (!failed) return reply
  const code = failed.writeConcernError['code']
  const labels =
    failed.errorLabels ??
    (reply['ok'] === 0
      ? []
      : errorLabels({
          ...(isNumeric(code) ? { writeConcernCode: toNumber(code) } : {}),
          ofChangeStream: false,
          ...circumstances(request.body, name),
        }))
  return {
    ...reply,
    writeConcernError: failed.writeConcernError,
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  }
}

function missed(
  server: MongoServer,
  { body }: CommandRequest,
  reply: EncodableDocument,
): FailedWriteConcern | undefined {
  if (!server.isReplicaSet || reply['ok'] === 0) return undefined
  const writeConcernError = unsatisfiable(body)
  return writeConcernError && { writeConcernError, errorLabels: undefined }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}
