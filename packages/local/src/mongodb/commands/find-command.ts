import { encodeDocument } from '../bson/encode.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { batchSizeOf, cursorReply } from '../cursor/cursor-reply.ts'
import { iterableSource } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileProjection } from '../pipeline/projection.ts'
import { collationOf } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'
import { findDocuments, type FindRequest, type Match } from '../query/find-documents.ts'
import { parseSort } from '../query/sort-order.ts'
import { aggregateView } from './aggregate-command.ts'
import { findCollection } from '../write/target-collection.ts'
import type { Command, CommandContext } from './command.ts'
import { variablesOf } from './write-commands.ts'

/** The `find` command. */
export const findCommand: Command = {
  inTransaction: true,
  fields: new Set([
    'find',
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'comment',
    'maxTimeMS',
    'max',
    'min',
    'returnKey',
    'showRecordId',
    'tailable',
    'oplogReplay',
    'noCursorTimeout',
    'awaitData',
    'allowPartialResults',
    'collation',
    'allowDiskUse',
    'let',
    'rawData',
  ]),
  run: (context) => {
    const { body } = context
    const namespace = namespaceIn(context.db, body['find'])
    const collection = findCollection(context, namespace.full)
    if (collection?.view) return aggregateView(context, collection, pipelineOfFind(body))
    const request = findRequest(context, collection?.collation)
    const project = projectionOf(context, request.filter)
    const matches = collection
      ? findDocuments(context.server.engine, context.view, collection, request).matches
      : []
    const limit = numberOf(body, 'limit')
    return cursorReply(context, namespace.full, iterableSource(encoded(matches, project)), {
      batchSize: batchSizeOf(body['batchSize']),
      singleBatch: body['singleBatch'] === true || limit < 0,
    })
  },
}

/**
 * Reads filter, sort, skip, limit and hint of a `find`.
 *
 * @throws {ServerError} One of them is invalid or not supported.
 */
export function findRequest(
  context: CommandContext,
  inherited: Filter['collation'] | undefined,
): FindRequest {
  const { body } = context
  for (const field of ['min', 'max', 'returnKey', 'showRecordId', 'tailable']) {
    const value = body[field]
    const isSet = isDocument(value) ? Object.keys(value).length > 0 : value === true
    if (isSet)
      throw new ServerError(
        'CommandNotSupported',
        `The option '${field}' is not supported by the development server`,
      )
  }
  const { filter, sort, hint } = body
  if (filter !== undefined && !isDocument(filter)) throw wrongType('find.filter', 'object')
  const collation = body['collation'] === undefined ? inherited : collationOf(body['collation'])
  const limit = Math.abs(numberOf(body, 'limit'))
  const skip = numberOf(body, 'skip')
  if (skip < 0)
    throw new ServerError(51024, `BSON field 'skip' value must be >= 0, actual value '${skip}'`)
  const hasHint = typeof hint === 'string' || (isDocument(hint) && Object.keys(hint).length > 0)
  return {
    filter: compileFilter(filter ?? {}, {
      variables: variablesOf(body),
      ...(collation ? { collation } : {}),
    }),
    sort: isDocument(sort) && !('$natural' in sort) ? parseSort(sort) : [],
    skip,
    ...(limit > 0 ? { limit } : {}),
    ...(isDocument(sort) && '$natural' in sort ? { hint: sort } : {}),
    ...(hasHint ? { hint } : {}),
  }
}

function wrongType(field: string, expected: string): ServerError {
  return new ServerError(
    'TypeMismatch',
    `BSON field '${field}' is the wrong type, expected type '${expected}'`,
  )
}

/** A whole number of a command; 0 when absent. */
export function numberOf(body: BsonDocument, field: string): number {
  const value = body[field]
  if (value === undefined || value === null) return 0
  if (isNumeric(value)) return toNumber(value)
  throw wrongType(field, 'number')
}

function projectionOf(
  context: CommandContext,
  filter: Filter,
): ((match: Match) => Buffer) | undefined {
  const { projection } = context.body
  if (!isDocument(projection) || Object.keys(projection).length === 0) return undefined
  const { project } = compileProjection(projection, {
    collation: filter.collation,
    variables: variablesOf(context.body),
    filter,
  })
  return (match) => encodeDocument(project(match.document))
}

function* encoded(
  matches: Iterable<Match>,
  project: ((match: Match) => Buffer) | undefined,
): Generator<Buffer> {
  for (const match of matches) yield project ? project(match) : match.stored.bytes
}

/** The pipeline that gives the same as a `find`, for views. */
export function pipelineOfFind(body: BsonDocument): BsonDocument[] {
  const { filter, sort, projection } = body
  const stages: (readonly [string, BsonValue | undefined, boolean])[] = [
    ['$match', filter, isDocument(filter)],
    ['$sort', sort, isDocument(sort) && Object.keys(sort).length > 0],
    ['$skip', body['skip'], numberOf(body, 'skip') > 0],
    ['$limit', Math.abs(numberOf(body, 'limit')), numberOf(body, 'limit') !== 0],
    ['$project', projection, isDocument(projection) && Object.keys(projection).length > 0],
  ]
  return stages.flatMap(([name, operand, isUsed]) => (isUsed ? [{ [name]: operand ?? null }] : []))
}
