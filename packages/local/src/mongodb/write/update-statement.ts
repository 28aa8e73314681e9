import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { rawElements, type RawDocument } from '../bson/raw-document.ts'
import { decodeValue } from '../bson/decode.ts'
import {
  setField,
  fieldOf,
  isDocument,
  isFalsy,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Hint, SortField } from '../index/query-plan.ts'
import { collationOf } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'
import { findDocuments, type Match } from '../query/find-documents.ts'
import type { Variables } from '../expression/expression.ts'
import type { DocumentWriter } from '../store/document-writer.ts'
import type { Engine } from '../store/engine.ts'
import { prepareDocument } from '../store/prepare-document.ts'
import { parseSort } from '../query/sort-order.ts'
import { compileUpdate, isOperatorUpdate, type Update } from '../update/compile-update.ts'
import { describeUpdate, isSame } from '../update/update-description.ts'
import { documentFromQuery } from '../update/upsert-document.ts'
import type { Written } from './run-statements.ts'
import { replacementBytes } from './replacement.ts'
import { validateDocument } from './validate-document.ts'

/** An update as a command gives it, ready to run. */
export interface UpdateRequest {
  readonly filter: Filter
  /** Operators or a pipeline; absent for a replacement. */
  readonly update?: Update
  readonly replacement?: Buffer
  readonly multi: boolean
  readonly upsert: boolean
  readonly hint?: Hint
  readonly sort?: readonly SortField[]
}

/**
 * Reads one entry of `updates` (or the like of `findAndModify` and `bulkWrite`).
 *
 * @throws {ServerError} The query or the update is invalid.
 */
export function parseUpdate(
  raw: RawDocument,
  variables: Variables,
  collection: Collection | undefined,
): UpdateRequest {
  const entry: BsonDocument = {}
  let replacement: Buffer | undefined
  for (const { type, name, at, end } of rawElements(raw.bytes)) {
    // A replacement stays bytes: its first field is no operator.
    const isReplacement = name === 'u' && type === 3 && raw.bytes[at + 5] !== 0x24
    if (isReplacement) replacement = raw.bytes.subarray(at, end)
    else setField(entry, name, decodeValue(raw.bytes, type, at))
  }
  return updateRequest(entry, replacement, variables, collection)
}

/** Builds the request from decoded fields. */
export function updateRequest(
  entry: BsonDocument,
  replacement: Buffer | undefined,
  variables: Variables,
  collection: Collection | undefined,
): UpdateRequest {
  const query = entry['q']
  if (!isDocument(query))
    throw new ServerError('FailedToParse', 'The query of an update has to be an object')
  const collation =
    entry['collation'] === undefined
      ? (collection?.collation ?? collationOf(undefined))
      : collationOf(entry['collation'])
  const own = isDocument(entry['c']) ? { ...variables, ...entry['c'] } : variables
  const multi = !isFalsy(entry['multi'])
  if (replacement && multi) {
    throw new ServerError(
      'FailedToParse',
      'multi update is not supported for replacement-style update',
    )
  }
  const { u: update, arrayFilters, hint, sort } = entry
  if (replacement && arrayFilters !== undefined) {
    throw new ServerError(
      'FailedToParse',
      'arrayFilters may not be specified for replacement-style updates',
    )
  }
  return {
    filter: compileFilter(query, { collation, variables: own }),
    ...(replacement
      ? { replacement }
      : {
          update: compileUpdate(updateSource(update), {
            collation,
            variables: own,
            ...(Array.isArray(arrayFilters) ? { arrayFilters } : {}),
          }),
        }),
    multi,
    upsert: !isFalsy(entry['upsert']),
    ...(typeof hint === 'string' || isDocument(hint) ? { hint } : {}),
    ...(isDocument(sort) ? { sort: parseSort(sort) } : {}),
  }
}

function updateSource(update: BsonValue | undefined): BsonDocument | BsonValue[] {
  if (Array.isArray(update)) return update
  if (isDocument(update) && isOperatorUpdate(update)) return update
  throw new ServerError('FailedToParse', 'Update argument must be either an object or an array')
}

/**
 * Refuses updates of measurements.
 *
 * @throws {ServerError} The collection is a time series.
 */
export function assertUpdatable(collection: Collection): void {
  if (!collection.timeseries) return
  throw new ServerError(
    'InvalidOptions',
    `Cannot perform an update on a time-series collection: ${collection.ns}`,
  )
}

/** Runs an update on the documents as the writer sees them. */
export function runUpdate(
  engine: Engine,
  writer: DocumentWriter,
  collection: Collection,
  request: UpdateRequest,
  bypassValidation: boolean,
): Written {
  assertUpdatable(collection)
  const { matches } = findDocuments(engine, writer.view, collection, {
    filter: request.filter,
    ...(request.hint === undefined ? {} : { hint: request.hint }),
    ...(request.sort ? { sort: request.sort } : {}),
    ...(request.multi ? {} : { limit: 1 }),
  })
  // Found before anything is written, so that no document is met twice.
  const targets = [...matches]
  if (targets.length === 0 && request.upsert) {
    const upserted = upsert(engine, writer, collection, request, bypassValidation)
    return { n: 1, nModified: 0, upserted: upserted['_id'] ?? null }
  }
  writer.assertWritable(targets.map(({ stored }) => stored))
  let nModified = 0
  for (const match of targets) {
    if (applyUpdate(engine, writer, collection, request, match, bypassValidation)) nModified += 1
  }
  return { n: targets.length, nModified }
}

/**
 * Applies an update to one document.
 *
 * @returns The new document, or undefined when nothing changed.
 */
export function applyUpdate(
  engine: Engine,
  writer: DocumentWriter,
  collection: Collection,
  request: UpdateRequest,
  match: Match,
  bypassValidation: boolean,
): Buffer | undefined {
  const { stored } = match
  if (request.replacement) {
    const bytes = replacementBytes(request.replacement, stored, engine.clock.last)
    if (bytes.equals(stored.bytes)) return undefined
    validateDocument(collection, bytes, bypassValidation)
    writer.replace(collection, stored, bytes, {})
    return bytes
  }
  const before = match.document
  const written: (readonly string[])[] = []
  const after = request.update?.apply(before, {
    inserting: false,
    now: engine.clock.last,
    matchedElement: () => request.filter.matchedElement(before),
    onWhole: (path) => written.push(path),
  })
  if (!after || isSame(before, after)) return undefined
  validateDocument(collection, after, bypassValidation, before)
  const bytes = encodeDocument({ _id: before['_id'], ...after })
  writer.replace(collection, stored, bytes, {
    updateDescription: describeUpdate(before, after, written.length > 0 ? written : undefined),
  })
  return bytes
}

/** Inserts the document of an upsert and returns it. */
export function upsert(
  engine: Engine,
  writer: DocumentWriter,
  collection: Collection,
  request: UpdateRequest,
  bypassValidation: boolean,
): BsonDocument {
  const base = documentFromQuery(request.filter.source)
  let document: BsonDocument
  if (request.replacement) {
    document = decodeDocument(request.replacement)
    const own = fieldOf(document, '_id')
    const id = own === undefined ? base['_id'] : own
    if (id !== undefined) document = { _id: id, ...document }
  } else {
    document =
      request.update?.apply(base, {
        inserting: true,
        now: engine.clock.last,
        matchedElement: () => undefined,
      }) ?? base
  }
  const prepared = prepareDocument(encodeDocument(document), engine.clock.last)
  validateDocument(collection, prepared.bytes, bypassValidation)
  writer.insert(collection, prepared)
  return decodeDocument(prepared.bytes)
}
