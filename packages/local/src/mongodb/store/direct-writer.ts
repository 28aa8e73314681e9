import { decodeDocument } from '../bson/decode.ts'
import type { Collection } from '../catalog/collection.ts'
import type { ChangeEntry } from '../change-stream/change-entry.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import { BlockedByTransaction } from '../transaction/write-conflicts.ts'
import type { StoredDocument } from './document-rows.ts'
import { noteUse, surplus } from './capped-collection.ts'
import {
  assertInsertable,
  changeOf,
  duplicateKey,
  entryIndexes,
  keyOf,
  type DocumentChange,
  type DocumentWriter,
} from './document-writer.ts'
import type { Engine } from './engine.ts'
import { syncEntries } from './index-entries.ts'
import { assertSize, type PreparedDocument } from './prepare-document.ts'
import { CurrentView } from './read-view.ts'
import { around } from './store-keys.ts'

interface Undo {
  readonly collection: Collection
  readonly rid: number
  readonly key: Buffer
  readonly before: Buffer | undefined
}

/** Writes straight to the file. Lives inside one storage job; call {@link publish} at its end. */
export class DirectWriter implements DocumentWriter {
  readonly view: CurrentView
  /** What change streams report of the writes. */
  readonly changes: ChangeEntry[] = []
  readonly #undo: Undo[] = []

  constructor(private readonly engine: Engine) {
    this.view = new CurrentView(engine.rows)
  }

  insert(collection: Collection, document: PreparedDocument): void {
    assertInsertable(collection, document.bytes)
    const rid = collection.lastRow + 1
    const key = keyOf(collection, document.id, rid)
    this.#assertUnlocked(key)
    const indexes = entryIndexes(collection)
    const after = indexes.length > 0 ? decodeDocument(document.bytes) : undefined
    if (after) this.#assertUnique(collection, indexes, after, rid)
    const stored = { rid, key, bytes: document.bytes }
    try {
      this.engine.rows.insert(stored)
    } catch (cause) {
      const [idIndex] = collection.indexes
      if (!isUniqueViolation(cause) || !idIndex) throw cause
      throw duplicateKey(collection, idIndex, [document.id])
    }
    collection.lastRow = rid
    noteUse(collection, 1, document.bytes.length)
    if (after) syncEntries(this.engine, indexes, rid, undefined, after)
    this.#note(collection, rid, key, undefined, () =>
      changeOf('insert', collection, undefined, document.bytes),
    )
    if (collection.capped)
      for (const old of surplus(this.engine, collection)) this.remove(collection, old)
  }

  replace(
    collection: Collection,
    stored: StoredDocument,
    bytes: Buffer,
    change: DocumentChange,
  ): void {
    this.#assertUnlocked(stored.key)
    assertSize(bytes.length, 'updated document')
    const indexes = entryIndexes(collection)
    if (indexes.length > 0) {
      const after = decodeDocument(bytes)
      this.#assertUnique(collection, indexes, after, stored.rid)
      syncEntries(this.engine, indexes, stored.rid, decodeDocument(stored.bytes), after)
    }
    this.engine.rows.update(stored.rid, bytes)
    noteUse(collection, 0, bytes.length - stored.bytes.length)
    const operation = change.updateDescription ? 'update' : 'replace'
    this.#note(collection, stored.rid, stored.key, stored.bytes, () =>
      changeOf(operation, collection, stored.bytes, bytes, change.updateDescription),
    )
  }

  remove(collection: Collection, stored: StoredDocument): void {
    this.#assertUnlocked(stored.key)
    const indexes = entryIndexes(collection)
    if (indexes.length > 0) {
      syncEntries(this.engine, indexes, stored.rid, decodeDocument(stored.bytes), undefined)
    }
    this.engine.rows.delete(stored.rid)
    noteUse(collection, -1, -stored.bytes.length)
    this.#note(collection, stored.rid, stored.key, stored.bytes, () =>
      changeOf('delete', collection, stored.bytes, undefined),
    )
  }

  /** Number of documents written. */
  get writes(): number {
    return this.#undo.length
  }

  assertWritable(documents: readonly StoredDocument[]): void {
    for (const { key } of documents) this.#assertUnlocked(key)
  }

  /** Gives the writes their time, and keeps what open snapshots need of the documents before. */
  publish(): bigint {
    if (this.#undo.length === 0) return this.engine.clock.last
    const ts = this.engine.clock.next()
    for (const { collection, key, rid, before } of this.#undo) {
      this.engine.versions.record(collection.id, key, rid, before, ts)
    }
    this.engine.changes.append({ ts, wallTime: new Date(), entries: this.changes })
    return ts
  }

  /** Change streams do not report measurements of time series. */
  #note(
    collection: Collection,
    rid: number,
    key: Buffer,
    before: Buffer | undefined,
    change: () => ChangeEntry,
  ): void {
    this.#undo.push({ collection, rid, key, before })
    if (!collection.timeseries) this.changes.push(change())
  }

  #assertUnlocked(key: Buffer): void {
    if (this.engine.locks.isEmpty) return
    const holder = this.engine.locks.holderOfDocument(key.toString('latin1'))
    if (holder) throw new BlockedByTransaction(holder)
  }

  #assertUnique(
    collection: Collection,
    indexes: readonly CollectionIndex[],
    after: ReturnType<typeof decodeDocument>,
    rid: number,
  ): void {
    for (const index of indexes) {
      const { keys, tuples } = index.keysOf(after)
      if (!index.unique) continue
      keys.forEach((key, position) => {
        const range = around(index.id, key)
        const holder = this.engine.locks.holderOfUniqueKey(range[0].toString('latin1'))
        if (holder) throw new BlockedByTransaction(holder)
        if (this.engine.rows.entryOwners(...range).some((owner) => owner !== rid)) {
          throw duplicateKey(collection, index, tuples[position] ?? [])
        }
      })
    }
  }
}

function isUniqueViolation(cause: unknown): boolean {
  return ((cause as { code?: string }).code ?? '').startsWith('SQLITE_CONSTRAINT')
}
