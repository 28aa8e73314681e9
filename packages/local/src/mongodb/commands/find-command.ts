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
import {
  findDocuments,
  type Execution,
  type FindRequest,
  type Match,
} from '../query/find-documents.ts'
import { parseSort } from '../query/sort-order.ts'
import { tailableSource } from '../query/tailable-source.ts'
import { ROWS_PER_COLLECTION } from '../store/schema.ts'
import { valueAt } from '../update/document-path.ts'
import type { Collection } from '../catalog/collection.ts'
import type { KeyBounds, QueryPlan } from '../index/query-plan.ts'
import { aggregateView } from './aggregate-command.ts'
import { findCollection } from '../write/target-collection.ts'
import { READ_CONCERNS, type Command, type CommandContext } from './command.ts'
import { variablesOf } from './command-variables.ts'

/** The `find` command. */
export const findCommand: Command = {
  inTransaction: true,
  readConcerns: READ_CONCERNS,
  subject: 'FindCommandRequest',
  fields: {
    fields: {
      find: 'any',
      filter: 'object',
      projection: 'object',
      sort: 'object',
      hint: 'hint',
      collation: 'object',
      skip: 'number',
      limit: 'number',
      batchSize: 'number',
      singleBatch: 'boolean',
      allowDiskUse: 'boolean',
      min: 'object',
      max: 'object',
      returnKey: 'boolean',
      showRecordId: 'boolean',
      tailable: 'boolean',
      oplogReplay: 'boolean',
      noCursorTimeout: 'boolean',
      awaitData: 'boolean',
      allowPartialResults: 'boolean',
      mirrored: 'boolean',
      let: 'object',
      term: 'number',
      readOnce: 'boolean',
      collectionUUID: 'any',
      encryptionInformation: 'object',
      legacyRuntimeConstants: 'object',
    },
  },
  run: (context) => {
    const { body } = context
    const namespace = namespaceIn(context.db, body['find'])
    const collection = findCollection(context, namespace.full)
    if (collection?.view) return aggregateView(context, collection, pipelineOfFind(body))
    const request = findRequest(context, collection?.collation)
    assertTailing(body, collection)
    const execution = collection
      ? findDocuments(context.server.engine, context.view, collection, request)
      : undefined
    const project = shapeOf(context, request.filter, execution?.plan)
    if (body['tailable'] === true && collection) {
      const source = tailableSource(context, collection, request.filter, project)
      return cursorReply(context, namespace.full, source, {
        batchSize: batchSizeOf(body['batchSize']),
      })
    }
    const matches = execution?.matches ?? []
    const limit = numberOf(body, 'limit')
    const source = iterableSource(encoded(matches, project), endOf(execution, Math.abs(limit)))
    return cursorReply(context, namespace.full, source, {
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
    ...boundsOf(body),
  }
}

function boundsOf({ min, max }: BsonDocument): { bounds?: KeyBounds } {
  const given = (value: BsonValue | undefined) => isDocument(value) && Object.keys(value).length > 0
  const bounds = {
    ...(given(min) ? { min: min as BsonDocument } : {}),
    ...(given(max) ? { max: max as BsonDocument } : {}),
  }
  return Object.keys(bounds).length > 0 ? { bounds } : {}
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

/** The form documents are answered in; undefined for their bytes as they are. */
function shapeOf(
  context: CommandContext,
  filter: Filter,
  plan: QueryPlan | undefined,
): ((match: Match) => Buffer) | undefined {
  const { projection, returnKey, showRecordId } = context.body
  const shapes: ((document: BsonDocument, match: Match) => BsonDocument)[] = []
  if (returnKey === true) shapes.push((document) => keyOf(document, plan))
  else if (isDocument(projection) && Object.keys(projection).length > 0) {
    const { project } = compileProjection(projection, {
      collation: filter.collation,
      variables: variablesOf(context.body),
      filter,
    })
    shapes.push(project)
  }
  if (showRecordId === true)
    shapes.push((document, { stored }) => ({
      ...document,
      $recordId: BigInt(stored.rid % ROWS_PER_COLLECTION),
    }))
  if (shapes.length === 0) return undefined
  return (match) =>
    encodeDocument(shapes.reduce((document, shape) => shape(document, match), match.document))
}

/** The values of the index a document was found by. */
function keyOf(document: BsonDocument, plan: QueryPlan | undefined): BsonDocument {
  const fields = plan?.index?.fields ?? []
  return Object.fromEntries(
    fields.map(({ path, parts }) => [path, valueAt(document, parts) ?? null]),
  )
}

/** A sort in memory and a look-up of ids know their end; a scan does not. */
function endOf(execution: Execution | undefined, limit: number): number | 'known' {
  if (!execution || execution.sortsInMemory || execution.plan.ids) return 'known'
  return limit > 0 ? limit : Infinity
}

function assertTailing(body: BsonDocument, collection: Collection | undefined): void {
  if (body['awaitData'] === true && body['tailable'] !== true) {
    throw new ServerError('FailedToParse', "Cannot set 'awaitData' without also setting 'tailable'")
  }
  if (body['tailable'] !== true || !collection || collection.capped) return
  throw new ServerError(
    'BadValue',
    'error processing query: planner returned error :: caused by :: tailable cursor requested on non capped collection',
  )
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
