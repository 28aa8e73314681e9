import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument, type EncodableDocument } from '../bson/encode.ts'
import { isDocument, type BsonDocument } from '../bson/value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileProjection } from '../pipeline/projection.ts'
import { findDocuments } from '../query/find-documents.ts'
import type { DocumentWriter } from '../store/document-writer.ts'
import { isOperatorUpdate } from '../update/compile-update.ts'
import { runStatements, type Written } from '../write/run-statements.ts'
import { findCollection, writableCollection } from '../write/target-collection.ts'
import {
  applyUpdate,
  assertUpdatable,
  updateRequest,
  upsert,
  type UpdateRequest,
} from '../write/update-statement.ts'
import type { Command, CommandContext } from './command.ts'
import { variablesOf } from './command-variables.ts'
import { statementId } from './write-commands.ts'

/** The `findAndModify` command. */
export const findAndModifyCommand: Command = {
  inTransaction: true,
  writes: true,
  subject: 'findAndModify',
  fields: {
    fields: {
      findAndModify: 'any',
      findandmodify: 'any',
      query: 'object',
      sort: 'object',
      remove: 'boolean',
      update: 'objectOrArray',
      new: 'boolean',
      fields: 'object',
      upsert: 'boolean',
      bypassDocumentValidation: 'boolean',
      hint: 'hint',
      collation: 'object',
      arrayFilters: 'array',
      let: 'object',
      sampleId: 'any',
      collectionUUID: 'any',
      encryptionInformation: 'object',
      legacyRuntimeConstants: 'object',
    },
  },
  run: async (context) => {
    assertOptions(context.body)
    const run = (writer: DocumentWriter) => modify(context, writer)
    const [outcome] = await runStatements(
      context,
      [{ stmtId: statementId(context.body, 0), run }],
      true,
    )
    if (outcome instanceof ServerError) throw outcome
    return replyOf(outcome)
  },
}

function replyOf(outcome: Written | undefined): EncodableDocument {
  return outcome?.reply ?? { value: null }
}

function assertOptions(body: BsonDocument): void {
  const remove = body['remove'] === true
  if (remove && body['update'] !== undefined) {
    throw new ServerError('FailedToParse', "Cannot specify both an 'update' and 'remove'=true")
  }
  if (remove && body['upsert'] === true)
    throw new ServerError('FailedToParse', "Cannot specify both 'upsert'=true and 'remove'=true")
  if (remove && body['new'] === true)
    throw new ServerError(
      'FailedToParse',
      "Cannot specify both 'new'=true and 'remove'=true; 'remove' always returns the deleted document",
    )
  if (!remove && body['update'] === undefined)
    throw new ServerError('FailedToParse', 'Either an update or remove=true must be specified')
}

function modify(context: CommandContext, writer: DocumentWriter): Written {
  const { body, server } = context
  const namespace = namespaceIn(context.db, body[context.name])
  const existing = findCollection(context, namespace.full)
  const request = requestOf(context, existing)
  const remove = body['remove'] === true
  if (!existing && !request.upsert)
    return answer(context, request, { remove, before: undefined, after: undefined, n: 0 })
  const collection = writableCollection(context, namespace)
  assertUpdatable(collection)
  const [match] = findDocuments(server.engine, writer.view, collection, {
    ...request,
    limit: 1,
  }).matches
  const bypass = body['bypassDocumentValidation'] === true
  if (!match) {
    if (remove || !request.upsert)
      return answer(context, request, { remove, before: undefined, after: undefined, n: 0 })
    const after = upsert(server.engine, writer, collection, request, bypass)
    return answer(context, request, { remove, before: undefined, after, n: 1, upserted: true })
  }
  const before = match.document
  // The positional projection looks at the document the query has matched.
  if (remove) {
    writer.remove(collection, match.stored)
    return answer(context, request, { remove, before, after: undefined, n: 1 })
  }
  const bytes = applyUpdate(server.engine, writer, collection, request, match, bypass)
  const after = bytes ? decodeDocument(bytes) : before
  return answer(context, request, { remove, before, after, n: 1 })
}

function requestOf(context: CommandContext, collection: Collection | undefined): UpdateRequest {
  const { query, update, sort, hint, collation, arrayFilters, upsert: insert } = context.body
  const isReplacement = isDocument(update) && !isOperatorUpdate(update)
  const replacement = isReplacement ? encodeDocument(update) : undefined
  const entry: BsonDocument = {
    q: isDocument(query) ? query : {},
    u: context.body['remove'] === true ? [] : update,
  }
  if (collation !== undefined) entry['collation'] = collation
  if (arrayFilters !== undefined) entry['arrayFilters'] = arrayFilters
  if (hint !== undefined) entry['hint'] = hint
  if (isDocument(sort)) entry['sort'] = sort
  entry['upsert'] = insert === true
  return updateRequest(entry, replacement, variablesOf(context.body), collection)
}

interface Modified {
  readonly remove: boolean
  readonly before: BsonDocument | undefined
  readonly after: BsonDocument | undefined
  readonly n: number
  readonly upserted?: boolean
}

function answer(context: CommandContext, request: UpdateRequest, modified: Modified): Written {
  const { before, after, n } = modified
  const shown = context.body['new'] === true ? after : before
  const value = shown ? projected(context, request, shown) : null
  const upserted = modified.upserted && after ? { upserted: after['_id'] ?? null } : {}
  const lastErrorObject: BsonDocument = modified.remove
    ? { n }
    : { n, updatedExisting: before !== undefined, ...upserted }
  return { n, nModified: 0, reply: { lastErrorObject, value } }
}

function projected(
  context: CommandContext,
  request: UpdateRequest,
  document: BsonDocument,
): BsonDocument {
  const { fields } = context.body
  if (!isDocument(fields) || Object.keys(fields).length === 0) return document
  const { filter } = request
  return compileProjection(fields, {
    collation: filter.collation,
    variables: variablesOf(context.body),
    filter,
  }).project(document)
}
