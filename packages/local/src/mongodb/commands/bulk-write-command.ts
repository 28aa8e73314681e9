import { plainText } from '../bson/print-value.ts'
import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import type { RawDocument } from '../bson/raw-document.ts'
import { rawElements } from '../bson/raw-document.ts'
import { isDocument, isFalsy, type BsonDocument } from '../bson/value.ts'
import { namespaceIn, namespaceOf, type Namespace } from '../catalog/namespace.ts'
import { iterableSource } from '../cursor/cursors.ts'
import { cursorReply } from '../cursor/cursor-reply.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileFilter } from '../query/filter.ts'
import { collationOf } from '../query/collation.ts'
import { findDocuments } from '../query/find-documents.ts'
import type { DocumentWriter } from '../store/document-writer.ts'
import { prepareDocument } from '../store/prepare-document.ts'
import { isOperatorUpdate } from '../update/compile-update.ts'
import { runStatements, type StatementOutcome, type Written } from '../write/run-statements.ts'
import { findCollection, writableCollection } from '../write/target-collection.ts'
import { runUpdate, updateRequest } from '../write/update-statement.ts'
import { validateDocument } from '../write/validate-document.ts'
import { assertRawFields, missingField, type FieldSpecs } from './command-fields.ts'
import type { Command, CommandContext } from './command.ts'
import { variablesOf } from './command-variables.ts'
import { assertRetryable, statementId, writeError } from './write-commands.ts'
import { isNumeric, toNumber } from '../bson/value.ts'

const KINDS = ['insert', 'update', 'delete'] as const

const OP_FIELDS: Readonly<Record<(typeof KINDS)[number], FieldSpecs>> = {
  insert: { fields: { insert: 'number', document: 'object' }, required: ['document'] },
  update: {
    fields: {
      update: 'number',
      filter: 'object',
      updateMods: 'objectOrArray',
      multi: 'boolean',
      upsert: 'boolean',
      upsertSupplied: 'boolean',
      arrayFilters: 'array',
      collation: 'object',
      constants: 'object',
      hint: 'hint',
      sort: 'object',
      sampleId: 'any',
    },
    required: ['filter', 'updateMods'],
  },
  delete: {
    fields: {
      delete: 'number',
      filter: 'object',
      multi: 'boolean',
      collation: 'object',
      hint: 'hint',
      sampleId: 'any',
    },
    required: ['filter'],
  },
}

/** The `bulkWrite` command of MongoDB 8: writes to several collections in one command. */
export const bulkWriteCommand: Command = {
  inTransaction: true,
  writes: true,
  fields: {
    fields: {
      bulkWrite: 'any',
      ops: 'array',
      nsInfo: 'array',
      ordered: 'boolean',
      errorsOnly: 'boolean',
      bypassDocumentValidation: 'boolean',
      cursor: 'object',
      let: 'object',
      bypassEmptyTsReplacement: 'boolean',
    },
  },
  run: async (context) => {
    if (context.db !== 'admin')
      throw new ServerError('Unauthorized', 'bulkWrite may only be run against the admin database.')
    const namespaces = (context.sequences.get('nsInfo') ?? []).map(namespaceInfo)
    const ops = context.sequences.get('ops') ?? []
    if (ops.length === 0)
      throw new ServerError(
        'InvalidOptions',
        'Write batch sizes must be between 1 and 100000. Got 0 operations.',
      )
    for (const op of ops) assertRawFields('bulkWrite.ops', OP_FIELDS[kindOf(op)], op.bytes)
    const statements = ops.map((op, position) => ({
      stmtId: statementId(context.body, position),
      run: (writer: DocumentWriter) => runOperation(context, namespaces, op, writer),
    }))
    const outcomes = await runStatements(context, statements, context.body['ordered'] !== false)
    return bulkReply(context, ops, outcomes)
  },
}

function namespaceInfo(raw: RawDocument): Namespace {
  const { db, collection } = namespaceOf(plainText(decodeDocument(raw.bytes)['ns']))
  return namespaceIn(db, collection)
}

function kindOf(raw: RawDocument): (typeof KINDS)[number] {
  const [first] = rawElements(raw.bytes)
  const kind = KINDS.find((name) => name === first?.name)
  if (kind) return kind
  throw new ServerError(
    'FailedToParse',
    `Unrecognized element in op '${first?.name ?? ''}', expected insert, update or delete`,
  )
}

function runOperation(
  context: CommandContext,
  namespaces: readonly Namespace[],
  raw: RawDocument,
  writer: DocumentWriter,
): Written {
  const kind = kindOf(raw)
  const op = decodeDocument(raw.bytes)
  const position = isNumeric(op[kind]) ? toNumber(op[kind]) : -1
  const namespace = namespaces[position]
  if (!namespace)
    throw new ServerError(
      'BadValue',
      `BulkWrite ops entry has an invalid nsInfo index: ${position}`,
    )
  if (kind === 'insert') return insertOne(context, namespace, raw, writer)
  return kind === 'update'
    ? update(context, namespace, op, writer)
    : remove(context, namespace, op, writer)
}

function insertOne(
  context: CommandContext,
  namespace: Namespace,
  raw: RawDocument,
  writer: DocumentWriter,
): Written {
  const { engine } = context.server
  for (const { name, at, end } of rawElements(raw.bytes)) {
    if (name !== 'document') continue
    const collection = writableCollection(context, namespace)
    const document = prepareDocument(raw.bytes.subarray(at, end), engine.clock.last)
    validateDocument(collection, document.bytes, context.body['bypassDocumentValidation'] === true)
    writer.insert(collection, document)
    return { n: 1, nModified: 0 }
  }
  throw missingField('bulkWrite.ops.document')
}

function update(
  context: CommandContext,
  namespace: Namespace,
  op: BsonDocument,
  writer: DocumentWriter,
): Written {
  const { filter, updateMods, multi } = op
  assertRetryable(context, !isFalsy(multi))
  const replacement =
    isDocument(updateMods) && !isOperatorUpdate(updateMods) ? encodeDocument(updateMods) : undefined
  const existing = findCollection(context, namespace.full)
  const { constants, ...rest } = op
  const entry: BsonDocument = { ...rest, q: filter, u: updateMods, c: constants }
  const request = updateRequest(entry, replacement, variablesOf(context.body), existing)
  if (!existing && !request.upsert) return { n: 0, nModified: 0 }
  const collection = writableCollection(context, namespace)
  const bypass = context.body['bypassDocumentValidation'] === true
  return runUpdate(context.server.engine, writer, collection, request, bypass)
}

function remove(
  context: CommandContext,
  namespace: Namespace,
  op: BsonDocument,
  writer: DocumentWriter,
): Written {
  const multi = !isFalsy(op['multi'])
  assertRetryable(context, multi)
  const existing = findCollection(context, namespace.full)
  const collation =
    op['collation'] === undefined ? existing?.collation : collationOf(op['collation'])
  const query = isDocument(op['filter']) ? op['filter'] : {}
  const filter = compileFilter(query, {
    variables: variablesOf(context.body),
    ...(collation ? { collation } : {}),
  })
  if (!existing) return { n: 0, nModified: 0 }
  const collection = writableCollection(context, namespace)
  const { hint } = op
  const { matches } = findDocuments(context.server.engine, writer.view, collection, {
    filter,
    ...(typeof hint === 'string' || isDocument(hint) ? { hint } : {}),
    ...(multi ? {} : { limit: 1 }),
  })
  const targets = [...matches]
  writer.assertWritable(targets.map(({ stored }) => stored))
  for (const { stored } of targets) writer.remove(collection, stored)
  return { n: targets.length, nModified: 0 }
}

function bulkReply(
  context: CommandContext,
  ops: readonly RawDocument[],
  outcomes: readonly StatementOutcome[],
) {
  const totals = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 }
  const results: Buffer[] = []
  outcomes.forEach((outcome, idx) => {
    const raw = ops[idx]
    if (!raw) return
    if (outcome instanceof ServerError) {
      const { index: _, ...error } = writeError(outcome, idx)
      totals.nErrors += 1
      results.push(encodeDocument({ ok: 0, idx, n: 0, nModified: 0, ...error }))
      return
    }
    count(totals, kindOf(raw), outcome)
    if (context.body['errorsOnly'] !== true) results.push(resultOf(idx, kindOf(raw), outcome))
  })
  const cursor = context.body['cursor']
  const size =
    isDocument(cursor) && isNumeric(cursor['batchSize']) ? toNumber(cursor['batchSize']) : Infinity
  return {
    ...cursorReply(context, 'admin.$cmd.bulkWrite', iterableSource(results, 'known'), {
      batchSize: size,
    }),
    ...totals,
  }
}

function resultOf(idx: number, kind: string, outcome: Written): Buffer {
  return encodeDocument({
    ok: 1,
    idx,
    n: outcome.n,
    ...(kind === 'update' ? { nModified: outcome.nModified } : {}),
    ...(outcome.upserted === undefined ? {} : { upserted: { _id: outcome.upserted } }),
  })
}

interface Totals {
  nInserted: number
  nMatched: number
  nModified: number
  nUpserted: number
  nDeleted: number
}

function count(totals: Totals, kind: string, outcome: Written): void {
  if (kind === 'insert') totals.nInserted += outcome.n
  else if (kind === 'delete') totals.nDeleted += outcome.n
  else if (outcome.upserted !== undefined) totals.nUpserted += 1
  else {
    totals.nMatched += outcome.n
    totals.nModified += outcome.nModified
  }
}
