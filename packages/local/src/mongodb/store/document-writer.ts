import type { BsonDocument, BsonValue } from '../bson/value.ts'
import { printDocument } from '../bson/print-value.ts'
import { BSON_TYPE } from '../bson/bson-type.ts'
import { decodeValue } from '../bson/decode.ts'
import { rawElements } from '../bson/raw-document.ts'
import type { Collection } from '../catalog/collection.ts'
import type { ChangeEntry } from '../change-stream/change-entry.ts'
import { ServerError } from '../errors/server-error.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import type { KeyTuple } from '../index/index-keys.ts'
import type { StoredDocument } from './document-rows.ts'
import type { PreparedDocument } from './prepare-document.ts'
import type { ReadView } from './read-view.ts'
import { documentKey, measurementKey } from './store-keys.ts'

/** Where writes go: straight to the file inside a storage job, or into a transaction. */
export interface DocumentWriter {
  /** What the writes have to be decided on. */
  readonly view: ReadView
  /**
   * Adds a document.
   *
   * @throws {ServerError} A unique key is taken, or a transaction conflicts.
   */
  insert(collection: Collection, document: PreparedDocument): void
  /** Puts new bytes in place of a document; its `_id` stays. */
  replace(
    collection: Collection,
    stored: StoredDocument,
    bytes: Buffer,
    change: DocumentChange,
  ): void
  remove(collection: Collection, stored: StoredDocument): void
  /**
   * Checks documents that one statement is about to change together, before any of them is changed.
   *
   * @throws {BlockedByTransaction} An open transaction has written one of them.
   */
  assertWritable(documents: readonly StoredDocument[]): void
}

/** How a document changed: field by field, or as a whole when there is no description. */
export interface DocumentChange {
  readonly updateDescription?: BsonDocument
}

/** The key a new document gets: of its `_id`, equal for ids the collection takes for equal. */
export function keyOf(collection: Collection, id: BsonValue, rid: number): Buffer {
  return collection.timeseries
    ? measurementKey(collection.id, rid)
    : documentKey(collection.id, id, collection.collation.key)
}

/**
 * Checks what a collection of a special kind asks of a new document.
 *
 * @throws {ServerError} A measurement has no time, or the document is larger than a capped collection.
 */
export function assertInsertable(collection: Collection, bytes: Buffer): void {
  const { timeseries, capped } = collection
  if (timeseries && !hasTime(bytes, timeseries.timeField)) {
    throw new ServerError(
      'BadValue',
      `'${timeseries.timeField}' must be present and contain a valid BSON UTC datetime value`,
    )
  }
  if (capped && bytes.length > capped.size) {
    throw new ServerError(
      'BadValue',
      `object to insert exceeds cappedMaxSize: ${bytes.length} > ${capped.size}`,
    )
  }
}

function hasTime(bytes: Buffer, timeField: string): boolean {
  for (const { name, type } of rawElements(bytes))
    if (name === timeField) return type === BSON_TYPE.date
  return false
}

/** The entry of the change log for one write. */
export function changeOf(
  operation: 'insert' | 'update' | 'replace' | 'delete',
  collection: Collection,
  before: Buffer | undefined,
  after: Buffer | undefined,
  updateDescription?: BsonDocument,
): ChangeEntry {
  const id = idOf((after ?? before) as Buffer)
  const images = collection.hasPreImages
  return {
    operation,
    db: collection.namespace.db,
    collection: collection.namespace.collection,
    uuid: collection.uuid,
    id,
    ...(after && operation !== 'update' ? { document: after } : {}),
    ...(after && images && operation === 'update' ? { after } : {}),
    ...(before && images ? { before } : {}),
    ...(updateDescription ? { updateDescription } : {}),
  }
}

/** The `_id` of a stored document, which is its first field. */
export function idOf(bytes: Buffer): BsonValue {
  return decodeValue(bytes, bytes[4] as number, ID_VALUE)
}

// Size, type byte, `_id` and its end.
const ID_VALUE = 9

/** The indexes that have entries of their own. */
export function entryIndexes(collection: Collection): CollectionIndex[] {
  return collection.indexes.filter((index) => index.ordered && !index.isIdIndex)
}

/** The error for a unique key that is taken. */
export function duplicateKey(
  collection: Collection,
  index: CollectionIndex,
  tuple: KeyTuple,
): ServerError {
  const keyValue = index.keyValue(tuple)
  const extra: BsonDocument = { keyPattern: index.keyPattern, keyValue }
  if (index.collation.definition) extra['collation'] = index.collation.definition
  return new ServerError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.ns} index: ${index.name} dup key: ${printDocument(keyValue)}`,
    extra,
  )
}
