import type { EncodableDocument } from '../bson/encode.ts'
import { decodeDocument } from '../bson/decode.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { printValue } from '../bson/print-value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { ServerError } from '../errors/server-error.ts'
import { collationOf } from '../query/collation.ts'
import { compileFilter } from '../query/filter.ts'
import { findDocuments } from '../query/find-documents.ts'
import { prepareDocument } from '../store/prepare-document.ts'
import {
  runStatements,
  type Statement,
  type StatementOutcome,
  type Written,
} from '../write/run-statements.ts'
import { findCollection, writableCollection } from '../write/target-collection.ts'
import { parseUpdate, runUpdate } from '../write/update-statement.ts'
import { validateDocument } from '../write/validate-document.ts'
import { assertRawFields, missingField, type FieldSpecs } from './command-fields.ts'
import { variablesOf } from './command-variables.ts'
import type { Command, CommandContext } from './command.ts'
import type { RawDocument } from '../bson/raw-document.ts'

const MAX_BATCH = 100_000

const BATCH_FIELDS = {
  ordered: 'boolean',
  bypassDocumentValidation: 'boolean',
  collectionUUID: 'any',
  encryptionInformation: 'object',
  let: 'object',
  legacyRuntimeConstants: 'object',
} as const

const UPDATE_ENTRY: FieldSpecs = {
  fields: {
    q: 'object',
    u: 'objectOrArray',
    c: 'object',
    multi: 'boolean',
    upsert: 'boolean',
    upsertSupplied: 'boolean',
    arrayFilters: 'array',
    collation: 'object',
    hint: 'hint',
    sort: 'object',
    sampleId: 'any',
  },
  required: ['q', 'u'],
}

const DELETE_ENTRY: FieldSpecs = {
  fields: { q: 'object', limit: 'number', collation: 'object', hint: 'hint', sampleId: 'any' },
  required: ['q', 'limit'],
}

/** The `insert` command. */
export const insertCommand: Command = {
  inTransaction: true,
  writes: true,
  fields: { fields: { insert: 'any', documents: 'array', ...BATCH_FIELDS } },
  run: async (context) => {
    const namespace = namespaceIn(context.db, context.body['insert'])
    const bypass = context.body['bypassDocumentValidation'] === true
    const { engine } = context.server
    return runBatch(context, 'documents', (raw) => (writer) => {
      const collection = writableCollection(context, namespace)
      const document = prepareDocument(raw.bytes, engine.clock.last)
      validateDocument(collection, document.bytes, bypass)
      writer.insert(collection, document)
      return { n: 1, nModified: 0 }
    })
  },
}

/** The `update` command. */
export const updateCommand: Command = {
  inTransaction: true,
  writes: true,
  fields: { fields: { update: 'any', updates: 'array', ...BATCH_FIELDS } },
  run: async (context) => {
    const namespace = namespaceIn(context.db, context.body['update'])
    const bypass = context.body['bypassDocumentValidation'] === true
    const variables = variablesOf(context.body)
    assertEntries(context, 'updates', UPDATE_ENTRY)
    const reply = await runBatch(context, 'updates', (raw) => (writer) => {
      const existing = findCollection(context, namespace.full)
      const request = parseUpdate(raw, variables, existing)
      assertRetryable(context, request.multi)
      if (!existing && !request.upsert) return NOTHING
      const collection = writableCollection(context, namespace)
      return runUpdate(context.server.engine, writer, collection, request, bypass)
    })
    return { ...reply, nModified: reply['nModified'] ?? 0 }
  },
}

/** The `delete` command. */
export const deleteCommand: Command = {
  inTransaction: true,
  writes: true,
  fields: { fields: { delete: 'any', deletes: 'array', ...BATCH_FIELDS } },
  run: async (context) => {
    const namespace = namespaceIn(context.db, context.body['delete'])
    const variables = variablesOf(context.body)
    assertEntries(context, 'deletes', DELETE_ENTRY)
    return runBatch(context, 'deletes', (raw) => (writer) => {
      const entry = decodeDocument(raw.bytes)
      const one = isLimitedToOne(entry['limit'])
      assertRetryable(context, !one)
      const existing = findCollection(context, namespace.full)
      const query = isDocument(entry['q']) ? entry['q'] : {}
      const collation =
        entry['collation'] === undefined ? existing?.collation : collationOf(entry['collation'])
      const filter = compileFilter(query, { variables, ...(collation ? { collation } : {}) })
      if (!existing) return NOTHING
      const collection = writableCollection(context, namespace)
      const { hint } = entry
      const { matches } = findDocuments(context.server.engine, writer.view, collection, {
        filter,
        ...(typeof hint === 'string' || isDocument(hint) ? { hint } : {}),
        ...(one ? { limit: 1 } : {}),
      })
      const targets = [...matches]
      writer.assertWritable(targets.map(({ stored }) => stored))
      for (const { stored } of targets) writer.remove(collection, stored)
      return { n: targets.length, nModified: 0 }
    })
  },
}

const NOTHING: Written = { n: 0, nModified: 0 }

/**
 * Refuses statements on many documents in a retryable write.
 *
 * @throws {ServerError} The statement may touch many documents.
 */
export function assertRetryable(context: CommandContext, multi: boolean): void {
  if (multi && context.retryNumber !== undefined) {
    throw new ServerError(
      'InvalidOptions',
      'Cannot use (or request) retryable writes with multi=true',
    )
  }
}

/** The id of a statement in a retryable write. */
export function statementId(body: BsonDocument, position: number): number {
  const { stmtId, stmtIds } = body
  if (Array.isArray(stmtIds)) return Number(stmtIds[position])
  return Number(stmtId ?? 0) + position
}

function assertEntries(context: CommandContext, field: string, specs: FieldSpecs): void {
  for (const { bytes } of context.sequences.get(field) ?? [])
    assertRawFields(`${context.name}.${field}`, specs, bytes)
}

function isLimitedToOne(limit: BsonValue | undefined): boolean {
  const count = isNumeric(limit) ? toNumber(limit) : NaN
  if (count === 0 || count === 1) return count === 1
  throw new ServerError(
    'FailedToParse',
    `The limit field in delete objects must be 0 or 1. Got ${printValue(limit)}`,
  )
}

async function runBatch(
  context: CommandContext,
  field: string,
  parse: (raw: RawDocument) => Statement['run'],
): Promise<EncodableDocument> {
  const list = context.sequences.get(field)
  if (!list) {
    throw missingField(`${context.name}.${field}`)
  }
  if (list.length === 0 || list.length > MAX_BATCH) {
    throw new ServerError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${list.length} operations.`,
    )
  }
  const statements = list.map((raw, position) => ({
    stmtId: statementId(context.body, position),
    run: parse(raw),
  }))
  const outcomes = await runStatements(context, statements, context.body['ordered'] !== false)
  return batchReply(outcomes, context.name)
}

function batchReply(outcomes: readonly StatementOutcome[], name: string): EncodableDocument {
  let n = 0
  let nModified = 0
  const upserted: BsonDocument[] = []
  const writeErrors: BsonDocument[] = []
  outcomes.forEach((outcome, index) => {
    if (outcome instanceof ServerError) {
      writeErrors.push(writeError(outcome, index))
      return
    }
    n += outcome.n
    nModified += outcome.nModified
    if (outcome.upserted !== undefined) upserted.push({ index, _id: outcome.upserted })
  })
  return {
    n,
    ...(name === 'update' ? { nModified } : {}),
    ...(upserted.length > 0 ? { upserted } : {}),
    ...(writeErrors.length > 0 ? { writeErrors } : {}),
  }
}

/** The entry of `writeErrors` for a failed statement. */
export function writeError(error: ServerError, index: number): BsonDocument {
  const extra: Record<string, BsonValue | undefined> = error.extra
  return { index, code: error.code, ...extra, errmsg: error.message }
}
