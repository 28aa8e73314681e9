import { plainText } from '../bson/print-value.ts'
import { encodeDocument } from '../bson/encode.ts'
import { equalValues } from '../bson/compare.ts'
import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { namespaceIn, type Namespace } from '../catalog/namespace.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileFilter } from '../query/filter.ts'
import { findDocuments } from '../query/find-documents.ts'
import { collationOf } from '../query/collation.ts'
import type { Collection } from '../catalog/collection.ts'
import { duplicateKey, type DocumentWriter } from '../store/document-writer.ts'
import { prepareDocument } from '../store/prepare-document.ts'
import { valueAt } from '../update/document-path.ts'
import { applyUpdate, type UpdateRequest } from '../write/update-statement.ts'
import { compileUpdate } from '../update/compile-update.ts'
import { runStatements } from '../write/run-statements.ts'
import { writableCollection } from '../write/target-collection.ts'
import { validateDocument } from '../write/validate-document.ts'

/** The last stage of a pipeline when it writes. */
export interface OutputStage {
  readonly name: '$out' | '$merge'
  readonly operand: BsonValue
}

/** Takes `$out` or `$merge` off the end of a pipeline. */
export function splitOutput(pipeline: readonly BsonDocument[]): {
  readonly reading: readonly BsonDocument[]
  readonly output: OutputStage | undefined
} {
  const last = pipeline[pipeline.length - 1]
  for (const name of ['$out', '$merge'] as const) {
    if (last && name in last) {
      return { reading: pipeline.slice(0, -1), output: { name, operand: last[name] as BsonValue } }
    }
  }
  return { reading: pipeline, output: undefined }
}

/** Writes the documents of a pipeline to a collection, in one commit. */
export async function writeOutput(
  context: CommandContext,
  output: OutputStage,
  documents: Iterable<BsonDocument>,
): Promise<void> {
  if (context.transaction) {
    throw new ServerError(
      'OperationNotSupportedInTransaction',
      `${output.name} cannot be used in a transaction`,
    )
  }
  const rows = [...documents]
  const run =
    output.name === '$out'
      ? outWriter(context, output.operand, rows)
      : mergeWriter(context, output.operand, rows)
  const [outcome] = await runStatements(
    { ...context, retryNumber: undefined },
    [{ stmtId: 0, run }],
    true,
  )
  if (outcome instanceof ServerError) throw outcome
}

const DONE = { n: 0, nModified: 0 }

function outWriter(context: CommandContext, operand: BsonValue, rows: readonly BsonDocument[]) {
  const namespace = targetOf(
    context,
    isDocument(operand) ? { db: operand['db'], coll: operand['coll'] } : operand,
  )
  return (writer: DocumentWriter) => {
    const { engine } = context.server
    const collection = writableCollection(context, namespace)
    const { matches } = findDocuments(engine, writer.view, collection, {
      filter: compileFilter({}),
    })
    for (const { stored } of [...matches]) writer.remove(collection, stored)
    for (const row of rows) {
      const document = prepareDocument(encodeDocument(row), engine.clock.last)
      validateDocument(
        collection,
        document.bytes,
        context.body['bypassDocumentValidation'] === true,
      )
      writer.insert(collection, document)
    }
    return DONE
  }
}

function mergeWriter(context: CommandContext, operand: BsonValue, rows: readonly BsonDocument[]) {
  const spec = isDocument(operand) ? operand : { into: operand }
  const namespace = targetOf(context, spec['into'])
  const on = (Array.isArray(spec['on']) ? spec['on'] : [spec['on'] ?? '_id']).map(String)
  const whenMatched = spec['whenMatched'] ?? 'merge'
  const whenNotMatched = spec['whenNotMatched'] ?? 'insert'
  return (writer: DocumentWriter) => {
    const { engine } = context.server
    const collection = writableCollection(context, namespace)
    assertUniqueKey(
      on,
      collection.indexes
        .filter((index) => index.unique)
        .map((index) => index.fields.map(({ path }) => path)),
    )
    const bypass = context.body['bypassDocumentValidation'] === true
    for (const row of rows) {
      const filter = compileFilter(
        Object.fromEntries(
          on.map((path) => [path, { $eq: valueAt(row, path.split('.')) ?? null }]),
        ),
      )
      const [match] = findDocuments(engine, writer.view, collection, { filter, limit: 1 }).matches
      if (match) {
        const taken = () => takenKey(collection, on, row)
        const request = mergeRequest(
          { filter, row, existing: match.document, taken },
          whenMatched,
          spec,
        )
        if (request) applyUpdate(engine, writer, collection, request, match, bypass)
      } else if (whenNotMatched === 'fail') {
        throw new ServerError(
          13113,
          '$merge could not find a matching document in the target collection for at least one document in the source collection',
        )
      } else if (whenNotMatched === 'insert') {
        const document = prepareDocument(encodeDocument(row), engine.clock.last)
        validateDocument(collection, document.bytes, bypass)
        writer.insert(collection, document)
      }
    }
    return DONE
  }
}

interface MergeMatch {
  readonly filter: UpdateRequest['filter']
  readonly row: BsonDocument
  readonly existing: BsonDocument
  readonly taken: () => ServerError
}

/** With `whenMatched: 'fail'` the document counts as inserted twice. */
function takenKey(collection: Collection, on: readonly string[], row: BsonDocument): ServerError {
  const wanted = [...on].sort().join(' ')
  const index = collection.indexes.find(
    ({ fields }) =>
      fields
        .map(({ path }) => path)
        .sort()
        .join(' ') === wanted,
  )
  if (!index) return new ServerError('DuplicateKey', 'E11000 duplicate key error')
  return duplicateKey(
    collection,
    index,
    index.fields.map(({ parts }) => valueAt(row, parts) ?? null),
  )
}

function mergeRequest(
  { filter, row, existing, taken }: MergeMatch,
  whenMatched: BsonValue,
  spec: BsonDocument,
): UpdateRequest | undefined {
  const base = { filter, multi: false, upsert: false }
  if (Array.isArray(whenMatched)) {
    const vars = isDocument(spec['let']) ? spec['let'] : {}
    const update = compileUpdate(whenMatched, {
      collation: collationOf(undefined),
      variables: { new: row, ...vars },
    })
    return { ...base, update }
  }
  switch (whenMatched) {
    case 'keepExisting':
      return undefined
    case 'fail':
      throw taken()
    case 'replace':
      return { ...base, replacement: encodeDocument(withId(existing, row)) }
    case 'merge':
      return {
        ...base,
        update: { apply: (document) => ({ ...document, ...withId(document, row) }) },
      }
    default:
      throw new ServerError(
        'BadValue',
        `Enumeration value '${plainText(whenMatched)}' for field '$merge.whenMatched' is not a valid value.`,
      )
  }
}

function withId(existing: BsonDocument, row: BsonDocument): BsonDocument {
  const id = existing['_id'] ?? null
  if (row['_id'] !== undefined && !equalValues(row['_id'], id)) {
    throw new ServerError(
      'ImmutableField',
      '$merge failed to update the matching document, did you attempt to modify the _id or the shard key?',
    )
  }
  return { ...row, _id: id }
}

function assertUniqueKey(on: readonly string[], keys: readonly (readonly string[])[]): void {
  const wanted = [...on].sort().join(' ')
  if (wanted === '_id' || keys.some((key) => [...key].sort().join(' ') === wanted)) return
  throw new ServerError(51183, 'Cannot find index to verify that join fields will be unique')
}

function targetOf(context: CommandContext, into: BsonValue | undefined): Namespace {
  if (!isDocument(into)) return namespaceIn(context.db, into)
  const db = typeof into['db'] === 'string' ? into['db'] : context.db
  return namespaceIn(db, into['coll'])
}
