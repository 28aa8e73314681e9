import { Binary } from 'bson'
import { createHash } from 'node:crypto'
import { integer, isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { searchNotEnabled } from '../errors/search-not-enabled.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileExpression, environmentOf } from '../expression/expression.ts'
import type { StageEnvironment } from './run-pipeline.ts'
import type { StageStep } from './stage-table.ts'

type SourceStage = (operand: BsonValue, environment: StageEnvironment) => StageStep

/** Digest of the name of a user nobody has logged in as. */
const NO_USER = createHash('sha256').digest()

/** Stages that start a pipeline with documents of their own. */
export const SOURCE_STAGES: Record<string, SourceStage> = {
  $documents: (operand, environment) => {
    assertWholeDatabase('$documents', environment)
    const documents = compileExpression(operand)(environmentOf({}, environment.variables))
    if (!Array.isArray(documents) || !documents.every(isDocument)) {
      throw new ServerError(
        5858203,
        'an array is expected, whose elements are objects: the argument of $documents',
      )
    }
    return () => documents
  },
  $listLocalSessions: (operand, environment) => {
    assertWholeDatabase('$listLocalSessions', environment)
    if (!isDocument(operand))
      throw new ServerError(
        'TypeMismatch',
        '$listLocalSessions options must be specified in an object',
      )
    return () =>
      [...environment.context.server.sessions.all()].map(({ lsid, lastUsed }) => ({
        _id: { id: lsid['id'] ?? null, uid: lsid['uid'] ?? new Binary(NO_USER) },
        lastUse: new Date(lastUsed),
      }))
  },
  $currentOp: (operand, environment) => {
    const { context } = environment
    if (context.db !== 'admin' || context.body['aggregate'] !== 1) {
      throw new ServerError(
        'InvalidNamespace',
        "$currentOp must be run against the 'admin' database with {aggregate: 1}",
      )
    }
    if (!isDocument(operand))
      throw new ServerError('FailedToParse', '$currentOp options must be specified in an object')
    return () => [currentOperation(environment)]
  },
  $collStats: (operand, environment) => {
    if (!isDocument(operand)) throw new ServerError(5447000, '$collStats must take a nested object')
    return () => [collectionStats(operand, environment)]
  },
  $listSearchIndexes: () => {
    throw searchNotEnabled()
  },
  $search: searchStage,
  $searchMeta: searchStage,
  $vectorSearch: searchStage,
}

function searchStage(): never {
  throw new ServerError(
    'SearchNotEnabled',
    'Using $search and $vectorSearch aggregation stages requires additional configuration. Please connect to Atlas or an AtlasCLI local deployment to enable. For more information on how to connect, see https://dochub.mongodb.org/core/atlas-cli-deploy-local-reqs.',
  )
}

function assertWholeDatabase(name: string, { ns }: StageEnvironment): void {
  if (ns?.endsWith('.$cmd.aggregate')) return
  throw new ServerError(
    'InvalidNamespace',
    `${name} must be run against the database with {aggregate: 1}, not a collection`,
  )
}

/** Commands run one after the other here, so the only operation is the one that asks. */
function currentOperation({ context }: StageEnvironment): BsonDocument {
  const { server, connection, body, db } = context
  return {
    type: 'op',
    host: `127.0.0.1:${server.port}`,
    desc: `conn${connection.id}`,
    connectionId: connection.id,
    client: `${connection.socket.remoteAddress ?? ''}:${connection.socket.remotePort ?? 0}`,
    ...(connection.appName === undefined ? {} : { appName: connection.appName }),
    active: true,
    op: 'command',
    ns: `${db}.$cmd.aggregate`,
    command: body,
  }
}

function collectionStats(spec: BsonDocument, { context }: StageEnvironment): BsonDocument {
  const { server, db, body } = context
  const ns = namespaceIn(db, body['aggregate']).full
  const collection = server.engine.catalog.find(ns)
  if (!collection)
    throw new ServerError(
      'NamespaceNotFound',
      `Unable to retrieve storageStats in $collStats stage :: caused by :: Collection [${ns}] not found.`,
    )
  for (const name of ['latencyStats', 'queryExecStats']) {
    if (spec[name] === undefined) continue
    throw new ServerError(
      'CommandNotSupported',
      `'${name}' of $collStats is not supported by the development server`,
    )
  }
  const count = server.engine.rows.count(collection.id)
  const size = server.engine.rows.size(collection.id)
  const storageStats = {
    size: integer(size),
    count: integer(count),
    ...(count > 0 ? { avgObjSize: integer(Math.floor(size / count)) } : {}),
    storageSize: integer(size),
    capped: collection.capped !== undefined,
    nindexes: collection.indexes.length,
    totalSize: integer(size),
  }
  return {
    ns,
    host: `127.0.0.1:${server.port}`,
    localTime: new Date(),
    ...(spec['storageStats'] === undefined ? {} : { storageStats }),
    ...(spec['count'] === undefined ? {} : { count: integer(count) }),
  }
}
