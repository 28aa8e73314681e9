import { randomUUID } from 'node:crypto'
import type { LocalStorage, Statement } from '../../storage/local-storage.ts'
import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { isDocument, type BsonDocument } from '../bson/value.ts'
import { Binary } from 'bson'
import { CollectionIndex } from '../index/collection-index.ts'
import { rowRange, type DocumentRows } from '../store/document-rows.ts'
import { around } from '../store/store-keys.ts'
import { Collection } from './collection.ts'

type CollectionRow = [number, string, Buffer]
type IndexRow = [number, number, Buffer, number]

/** The collections, views and indexes, in memory and in the file. Changes run inside a storage job. */
export class Catalog {
  readonly #byName = new Map<string, Collection>()
  readonly #rows: DocumentRows
  readonly #insertCollection: Statement
  readonly #updateCollection: Statement
  readonly #deleteCollection: Statement
  readonly #insertIndex: Statement
  readonly #updateIndex: Statement
  readonly #deleteIndex: Statement
  #lastId = 0

  constructor(storage: LocalStorage, rows: DocumentRows) {
    this.#rows = rows
    this.#insertCollection = storage.prepare(
      'INSERT INTO mongo_collection (id, ns, spec) VALUES (?, ?, ?)',
    )
    this.#updateCollection = storage.prepare(
      'UPDATE mongo_collection SET ns = ?, spec = ? WHERE id = ?',
    )
    this.#deleteCollection = storage.prepare('DELETE FROM mongo_collection WHERE id = ?')
    this.#insertIndex = storage.prepare(
      'INSERT INTO mongo_index (id, collection, spec, multikey) VALUES (?, ?, ?, ?)',
    )
    this.#updateIndex = storage.prepare(
      'UPDATE mongo_index SET spec = ?, multikey = ? WHERE id = ?',
    )
    this.#deleteIndex = storage.prepare('DELETE FROM mongo_index WHERE id = ?')
    this.#load(storage)
  }

  /** The collection or view of a namespace. */
  find(ns: string): Collection | undefined {
    return this.#byName.get(ns)
  }

  /** Collections and views of a database, or of all, in the order of creation. */
  list(db?: string): Collection[] {
    return [...this.#byName.values()].filter(
      (collection) => db === undefined || collection.namespace.db === db,
    )
  }

  /** A collection that is in nobody's sight until it is added. */
  draft(ns: string, options: BsonDocument): Collection {
    const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
    const collection = new Collection(this.#nextId(), ns, uuid, options)
    ;[collection.lastRow] = rowRange(collection.id)
    const spec = firstIndex(collection)
    if (spec) collection.indexes.push(new CollectionIndex(this.#nextId(), collection.id, spec))
    return collection
  }

  /** A new index definition that belongs to no collection yet. */
  draftIndex(collection: Collection, spec: BsonDocument): CollectionIndex {
    return new CollectionIndex(this.#nextId(), collection.id, spec)
  }

  add(collection: Collection): void {
    this.#insertCollection.run([collection.id, collection.ns, specOf(collection)])
    for (const index of collection.indexes) this.#storeIndex(index)
    collection.committed = true
    this.#byName.set(collection.ns, collection)
  }

  /** Removes a collection with its documents and indexes. */
  remove(collection: Collection): void {
    for (const index of collection.indexes) this.#eraseIndex(index)
    this.#rows.clear(collection.id)
    this.#deleteCollection.run([collection.id])
    collection.dropped = true
    this.#byName.delete(collection.ns)
  }

  /** Gives a collection another name; the name must be free. */
  rename(collection: Collection, ns: string): void {
    this.#updateCollection.run([ns, specOf(collection), collection.id])
    this.#byName.delete(collection.ns)
    collection.namespace = new Collection(0, ns, collection.uuid, {}).namespace
    this.#byName.set(ns, collection)
  }

  /** Stores changed options. */
  update(collection: Collection): void {
    this.#updateCollection.run([collection.ns, specOf(collection), collection.id])
  }

  addIndex(collection: Collection, index: CollectionIndex): void {
    this.#storeIndex(index)
    collection.indexes.push(index)
  }

  removeIndex(collection: Collection, index: CollectionIndex): void {
    this.#eraseIndex(index)
    collection.indexes = collection.indexes.filter((other) => other !== index)
  }

  /** Stores the changed definition or multikey flag of an index. */
  updateIndex(index: CollectionIndex): void {
    this.#updateIndex.run([encodeDocument(index.spec), index.multikey ? 1 : 0, index.id])
  }

  #storeIndex(index: CollectionIndex): void {
    const multikey = index.multikey ? 1 : 0
    this.#insertIndex.run([index.id, index.collectionId, encodeDocument(index.spec), multikey])
  }

  #eraseIndex(index: CollectionIndex): void {
    this.#rows.clearEntries(...around(index.id))
    this.#deleteIndex.run([index.id])
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  #load(storage: LocalStorage): void {
    const collections = storage
      .prepare('SELECT id, ns, spec FROM mongo_collection ORDER BY id')
      .raw()
    const byId = new Map<number, Collection>()
    for (const [id, ns, bytes] of collections.all([]) as CollectionRow[]) {
      const { uuid, options } = decodeDocument(bytes)
      const collection = new Collection(
        id,
        ns,
        Buffer.from((uuid as Binary).buffer),
        options as BsonDocument,
      )
      collection.lastRow = this.#rows.lastRow(id)
      byId.set(id, collection)
      this.#byName.set(ns, collection)
      this.#lastId = Math.max(this.#lastId, id)
    }
    const indexes = storage
      .prepare('SELECT id, collection, spec, multikey FROM mongo_index ORDER BY id')
      .raw()
    for (const [id, collectionId, bytes, multikey] of indexes.all([]) as IndexRow[]) {
      const index = new CollectionIndex(id, collectionId, decodeDocument(bytes), multikey === 1)
      byId.get(collectionId)?.indexes.push(index)
      this.#lastId = Math.max(this.#lastId, id)
    }
  }
}

/** The index a new collection has: on `_id`, or for measurements on their source and time. */
function firstIndex(collection: Collection): BsonDocument | undefined {
  if (collection.view) return undefined
  const { timeseries, options, collation } = collection
  if (timeseries) {
    const { metaField, timeField } = timeseries
    if (metaField === undefined) return undefined
    return {
      v: 2,
      key: { [metaField]: 1, [timeField]: 1 },
      name: `${metaField}_1_${timeField}_1`,
    }
  }
  const { clusteredIndex } = options
  const spec: BsonDocument = isDocument(clusteredIndex)
    ? { ...clusteredIndex, clustered: true }
    : { v: 2, key: { _id: 1 }, name: '_id_' }
  return collation.definition ? { ...spec, collation: collation.definition } : spec
}

function specOf(collection: Collection): Buffer {
  return encodeDocument({ uuid: new Binary(collection.uuid, 4), options: collection.options })
}
