import { decodeDocument } from '../bson/decode.ts'
import { plainText, printDocument } from '../bson/print-value.ts'
import {
  integer,
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { assertFields, type FieldSpecs } from '../commands/command-fields.ts'
import { ServerError } from '../errors/server-error.ts'
import { idOf } from '../store/document-writer.ts'
import type { Engine } from '../store/engine.ts'
import { CurrentView } from '../store/read-view.ts'
import { scan } from '../store/scan.ts'
import type { CollectionIndex } from './collection-index.ts'
import { COLLECTION_SCAN, hintedIndex } from './plan-query.ts'

const FIELDS: FieldSpecs = {
  fields: {
    name: 'string',
    keyPattern: 'object',
    expireAfterSeconds: 'number',
    hidden: 'boolean',
    unique: 'boolean',
    prepareUnique: 'boolean',
    forceNonUnique: 'boolean',
  },
}

/**
 * Changes an index as `collMod` asks. Runs inside a storage job.
 *
 * @returns Old and new values, as the command answers them.
 * @throws {ServerError} There is no such index, or the change is not allowed.
 */
export function modifyIndex(
  engine: Engine,
  collection: Collection,
  change: BsonDocument,
  dryRun: boolean,
): BsonDocument {
  assertFields('collMod.index', FIELDS, change)
  const index = targetOf(collection, change)
  const { expireAfterSeconds, hidden, prepareUnique, unique } = change
  if ([expireAfterSeconds, hidden, prepareUnique, unique].every((value) => value === undefined)) {
    throw new ServerError(
      'InvalidOptions',
      'no expireAfterSeconds, hidden, unique, or prepareUnique field',
    )
  }
  const reply: BsonDocument = {}
  const spec = { ...index.spec }
  const set = (field: string, value: BsonValue, before: BsonValue | undefined) => {
    if (before === value) return
    if (before !== undefined) reply[`${field}_old`] = before
    reply[`${field}_new`] = value
    spec[field] = value
  }
  if (isNumeric(expireAfterSeconds)) {
    assertExpiry(index, toNumber(expireAfterSeconds))
    const seconds = integer(toNumber(expireAfterSeconds))
    set('expireAfterSeconds', seconds, spec['expireAfterSeconds'])
  }
  if (typeof hidden === 'boolean') {
    if (index.isIdIndex) throw new ServerError('BadValue', "can't hide _id index")
    set('hidden', hidden, spec['hidden'] ?? false)
    if (!hidden) delete spec['hidden']
  }
  if (typeof prepareUnique === 'boolean') {
    set('prepareUnique', prepareUnique, spec['prepareUnique'] ?? false)
    if (!prepareUnique) delete spec['prepareUnique']
  }
  if (unique === true && spec['unique'] !== true) {
    assertConvertible(engine, collection, index)
    reply['unique_new'] = true
    spec['unique'] = true
    delete spec['prepareUnique']
  }
  if (dryRun) return {}
  index.spec = spec
  engine.catalog.updateIndex(index)
  return reply
}

function targetOf(collection: Collection, change: BsonDocument): CollectionIndex {
  const { name, keyPattern } = change
  if (name !== undefined && keyPattern !== undefined)
    throw new ServerError('InvalidOptions', 'Cannot specify both key pattern and name.')
  if (name === undefined && keyPattern === undefined)
    throw new ServerError('InvalidOptions', 'Must specify either index name or key pattern.')
  const hint = isDocument(keyPattern) ? keyPattern : plainText(name)
  const index = hintedIndex(collection, hint)
  if (index) return index
  throw new ServerError(
    'IndexNotFound',
    `cannot find index ${isDocument(keyPattern) ? printDocument(keyPattern) : plainText(name)} for ns ${collection.ns}`,
  )
}

function assertExpiry(index: CollectionIndex, seconds: number): void {
  if (seconds < 0)
    throw new ServerError(
      'InvalidOptions',
      "TTL index 'expireAfterSeconds' option must be numeric and not below 0",
    )
  if (index.isIdIndex)
    throw new ServerError('InvalidOptions', 'the _id field does not support TTL indexes')
  if (index.fields.length !== 1) {
    throw new ServerError(
      'InvalidOptions',
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    )
  }
}

/** An index becomes unique once no key has two documents. */
function assertConvertible(engine: Engine, collection: Collection, index: CollectionIndex): void {
  if (index.spec['prepareUnique'] !== true) {
    throw new ServerError(
      'InvalidOptions',
      "Cannot make index unique with 'prepareUnique=false'. Run collMod to set it first.",
    )
  }
  const owners = new Map<string, BsonValue[]>()
  const source = {
    rows: engine.rows,
    view: new CurrentView(engine.rows),
    counters: { keys: 0, documents: 0 },
  }
  for (const row of scan(source, collection, COLLECTION_SCAN)) {
    for (const key of index.keysOf(decodeDocument(row.bytes)).keys) {
      const text = key.toString('latin1')
      owners.set(text, [...(owners.get(text) ?? []), idOf(row.bytes)])
    }
  }
  const violations = [...owners.values()].filter((ids) => ids.length > 1).map((ids) => ({ ids }))
  if (violations.length === 0) return
  throw new ServerError(
    'CannotConvertIndexToUnique',
    'Cannot convert the index to unique. Please resolve conflicting documents before running collMod again.',
    { violations },
  )
}
