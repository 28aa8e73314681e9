import { decodeDocument } from '../bson/decode.ts'
import type { BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import type { KeyTuple } from '../index/index-keys.ts'
import type { StoredDocument } from '../store/document-rows.ts'
import {
  changeOf,
  duplicateKey,
  entryIndexes,
  keyOf,
  type DocumentChange,
  type DocumentWriter,
} from '../store/document-writer.ts'
import type { Engine } from '../store/engine.ts'
import { assertSize, type PreparedDocument } from '../store/prepare-document.ts'
import { SnapshotView } from '../store/read-view.ts'
import { around } from '../store/store-keys.ts'
import type { Transaction } from './transaction.ts'
import { writeConflict } from './write-conflicts.ts'

/** Keeps writes in a transaction until it commits. The first writer of a document wins. */
export class TransactionWriter implements DocumentWriter {
  readonly view: SnapshotView

  constructor(
    private readonly engine: Engine,
    private readonly transaction: Transaction,
  ) {
    this.view = new SnapshotView(
      engine.rows,
      engine.versions,
      transaction.snapshot.ts,
      (collection) => transaction.view.get(collection),
    )
  }

  insert(collection: Collection, document: PreparedDocument): void {
    assertTransactional(collection)
    const key = keyOf(collection, document.id, 0)
    const text = key.toString('latin1')
    this.#assertNoConflict(collection, text)
    const [idIndex] = collection.indexes
    if (this.view.byKey(collection, key) && idIndex) {
      throw duplicateKey(collection, idIndex, [document.id])
    }
    const rid = collection.lastRow + 1
    this.#claimUniqueKeys(collection, document.bytes, rid)
    collection.lastRow = rid
    this.#put(collection, text, undefined, { rid, key, bytes: document.bytes })
    this.transaction.changes.push(changeOf('insert', collection, undefined, document.bytes))
  }

  replace(
    collection: Collection,
    stored: StoredDocument,
    bytes: Buffer,
    change: DocumentChange,
  ): void {
    assertTransactional(collection)
    const text = stored.key.toString('latin1')
    this.#assertNoConflict(collection, text)
    assertSize(bytes.length, 'updated document')
    this.#claimUniqueKeys(collection, bytes, stored.rid)
    this.#put(collection, text, stored, { ...stored, bytes })
    const operation = change.updateDescription ? 'update' : 'replace'
    this.transaction.changes.push(
      changeOf(operation, collection, stored.bytes, bytes, change.updateDescription),
    )
  }

  remove(collection: Collection, stored: StoredDocument): void {
    assertTransactional(collection)
    const text = stored.key.toString('latin1')
    this.#assertNoConflict(collection, text)
    this.#put(collection, text, stored, null)
    this.transaction.changes.push(changeOf('delete', collection, stored.bytes, undefined))
  }

  /** A conflict ends the transaction as a whole, so nothing needs to be known in advance. */
  assertWritable(): void {
    return
  }

  #put(
    collection: Collection,
    key: string,
    before: StoredDocument | undefined,
    after: StoredDocument | null,
  ): void {
    this.engine.locks.lockDocument(key, this.transaction)
    this.transaction.put(collection, key, before, after)
  }

  #assertNoConflict(collection: Collection, key: string): void {
    const holder = this.engine.locks.holderOfDocument(key)
    if (holder === this.transaction) return
    const { ts } = this.transaction.snapshot
    if (holder || this.engine.versions.isNewer(collection.id, key, ts)) {
      throw writeConflict(collection.ns)
    }
  }

  #claimUniqueKeys(collection: Collection, bytes: Buffer, rid: number): void {
    const indexes = entryIndexes(collection).filter((index) => index.unique)
    if (indexes.length === 0) return
    const document = decodeDocument(bytes)
    for (const index of indexes) {
      const { keys, tuples } = index.keysOf(document)
      keys.forEach((key, position) => {
        this.#claimUniqueKey(collection, index, key, tuples[position] ?? [], rid)
      })
    }
  }

  #claimUniqueKey(
    collection: Collection,
    index: CollectionIndex,
    key: Buffer,
    tuple: KeyTuple,
    rid: number,
  ): void {
    const range = around(index.id, key)
    const text = range[0].toString('latin1')
    const holder = this.engine.locks.holderOfUniqueKey(text)
    if (holder && holder !== this.transaction) throw writeConflict(collection.ns)
    for (const owner of this.engine.rows.entryOwners(...range)) {
      if (owner !== rid) this.#assertGivenUp(collection, index, tuple, owner)
    }
    const ownRow = this.transaction.uniqueKeys.get(text)
    if (ownRow !== undefined && ownRow !== rid && this.#ownRowHas(collection, index, ownRow, key)) {
      throw duplicateKey(collection, index, tuple)
    }
    if (this.#wasTakenInSnapshot(collection, index, key, rid)) throw writeConflict(collection.ns)
    this.engine.locks.lockUniqueKey(text, this.transaction)
    this.transaction.uniqueKeys.set(text, rid)
  }

  /** The owner in the file must have lost the key by a write of this transaction. */
  #assertGivenUp(
    collection: Collection,
    index: CollectionIndex,
    tuple: KeyTuple,
    owner: number,
  ): void {
    const stored = this.engine.rows.byRow(owner)
    if (!stored) return
    const text = stored.key.toString('latin1')
    const own = this.transaction.view.get(collection)?.get(text)
    if (own === undefined) {
      const { ts } = this.transaction.snapshot
      if (this.engine.versions.isNewer(collection.id, text, ts)) throw writeConflict(collection.ns)
      throw duplicateKey(collection, index, tuple)
    }
    if (own && hasKey(index, decodeDocument(own.bytes), index.encode(tuple))) {
      throw duplicateKey(collection, index, tuple)
    }
  }

  #ownRowHas(collection: Collection, index: CollectionIndex, rid: number, key: Buffer): boolean {
    for (const document of this.transaction.view.get(collection)?.documents() ?? []) {
      if (document.rid === rid) return hasKey(index, decodeDocument(document.bytes), key)
    }
    return false
  }

  /** A key that somebody gave up after the snapshot is still taken for this transaction. */
  #wasTakenInSnapshot(
    collection: Collection,
    index: CollectionIndex,
    key: Buffer,
    rid: number,
  ): boolean {
    const { ts } = this.transaction.snapshot
    for (const [text, then] of this.engine.versions.changedSince(collection.id, ts)) {
      if (this.transaction.view.get(collection)?.has(text)) continue
      if (then && then.rid !== rid && hasKey(index, decodeDocument(then.bytes), key)) return true
    }
    return false
  }
}

function assertTransactional(collection: Collection): void {
  const refuse = (message: string) => new ServerError('OperationNotSupportedInTransaction', message)
  if (collection.timeseries) {
    throw refuse(
      `Cannot write to a time-series collection in a multi-document transaction: ${collection.ns}`,
    )
  }
  if (collection.capped) {
    throw refuse(
      `Collection '${collection.ns}' is a capped collection. Writes in transactions are not allowed on capped collections.`,
    )
  }
}

function hasKey(index: CollectionIndex, document: BsonDocument, key: Buffer): boolean {
  return index.keysOf(document).keys.some((other) => other.equals(key))
}
