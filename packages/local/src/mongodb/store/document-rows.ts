import type { LocalStorage, Statement } from '../../storage/local-storage.ts'
import { ROWS_PER_COLLECTION } from './schema.ts'

/** A stored document: its row, its key and its bytes. */
export interface StoredDocument {
  readonly rid: number
  readonly key: Buffer
  readonly bytes: Buffer
}

/** One index entry with the document it leads to. */
export interface EntryRow extends StoredDocument {
  readonly entry: Buffer
}

type DocumentTuple = [number, Buffer, Buffer]

/** The documents and index entries as they are in the file. */
export class DocumentRows {
  readonly #byKey: Statement
  readonly #byRow: Statement
  readonly #scan: Statement
  readonly #scanBack: Statement
  readonly #keys: Statement
  readonly #keysBack: Statement
  readonly #entries: Statement
  readonly #entriesBack: Statement
  readonly #owners: Statement
  readonly #insert: Statement
  readonly #update: Statement
  readonly #delete: Statement
  readonly #insertEntry: Statement
  readonly #deleteEntry: Statement
  readonly #count: Statement
  readonly #size: Statement
  readonly #lastRow: Statement
  readonly #clear: Statement
  readonly #clearEntries: Statement

  constructor(storage: LocalStorage) {
    const read = (sql: string) => storage.prepare(sql).raw()
    const columns = 'SELECT rid, key, bson FROM mongo_document'
    this.#byKey = read(`${columns} WHERE key = ?`)
    this.#byRow = read(`${columns} WHERE rid = ?`)
    this.#scan = read(`${columns} WHERE rid > ? AND rid < ? ORDER BY rid LIMIT ?`)
    this.#scanBack = read(`${columns} WHERE rid > ? AND rid < ? ORDER BY rid DESC LIMIT ?`)
    this.#keys = read(`${columns} WHERE key >= ? AND key < ? ORDER BY key LIMIT ?`)
    this.#keysBack = read(`${columns} WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?`)
    const joined =
      'SELECT d.rid, d.key, d.bson, e.key FROM mongo_entry e CROSS JOIN mongo_document d ON d.rid = e.rid'
    this.#entries = read(`${joined} WHERE e.key >= ? AND e.key < ? ORDER BY e.key LIMIT ?`)
    this.#entriesBack = read(`${joined} WHERE e.key >= ? AND e.key < ? ORDER BY e.key DESC LIMIT ?`)
    this.#owners = read('SELECT rid FROM mongo_entry WHERE key >= ? AND key < ?')
    this.#insert = storage.prepare('INSERT INTO mongo_document (rid, key, bson) VALUES (?, ?, ?)')
    this.#update = storage.prepare('UPDATE mongo_document SET bson = ? WHERE rid = ?')
    this.#delete = storage.prepare('DELETE FROM mongo_document WHERE rid = ?')
    this.#insertEntry = storage.prepare(
      'INSERT OR IGNORE INTO mongo_entry (key, rid) VALUES (?, ?)',
    )
    this.#deleteEntry = storage.prepare('DELETE FROM mongo_entry WHERE key = ?')
    this.#count = read('SELECT count(*) FROM mongo_document WHERE rid > ? AND rid < ?')
    this.#size = read(
      'SELECT coalesce(sum(length(bson)), 0) FROM mongo_document WHERE rid > ? AND rid < ?',
    )
    this.#lastRow = read('SELECT max(rid) FROM mongo_document WHERE rid > ? AND rid < ?')
    this.#clear = storage.prepare('DELETE FROM mongo_document WHERE rid > ? AND rid < ?')
    this.#clearEntries = storage.prepare('DELETE FROM mongo_entry WHERE key >= ? AND key < ?')
  }

  byKey(key: Buffer): StoredDocument | undefined {
    return asDocument(this.#byKey.get([key]) as DocumentTuple | undefined)
  }

  byRow(rid: number): StoredDocument | undefined {
    return asDocument(this.#byRow.get([rid]) as DocumentTuple | undefined)
  }

  /** Documents with a row id between two others, which are left out. */
  scan(after: number, before: number, limit: number, backwards: boolean): StoredDocument[] {
    const statement = backwards ? this.#scanBack : this.#scan
    return (statement.all([after, before, limit]) as DocumentTuple[]).map(toDocument)
  }

  /** Documents with a key from the first to before the second. */
  scanKeys(from: Buffer, before: Buffer, limit: number, backwards: boolean): StoredDocument[] {
    const statement = backwards ? this.#keysBack : this.#keys
    return (statement.all([from, before, limit]) as DocumentTuple[]).map(toDocument)
  }

  /** Index entries with a key from the first to before the second. */
  scanEntries(from: Buffer, before: Buffer, limit: number, backwards: boolean): EntryRow[] {
    const statement = backwards ? this.#entriesBack : this.#entries
    const rows = statement.all([from, before, limit]) as [...DocumentTuple, Buffer][]
    return rows.map(([rid, key, bytes, entry]) => ({ rid, key, bytes, entry }))
  }

  /** Row ids of the index entries from one key to before another. */
  entryOwners(from: Buffer, before: Buffer): number[] {
    return (this.#owners.all([from, before]) as [number][]).map(([rid]) => rid)
  }

  insert(document: StoredDocument): void {
    this.#insert.run([document.rid, document.key, document.bytes])
  }

  update(rid: number, bytes: Buffer): void {
    this.#update.run([bytes, rid])
  }

  delete(rid: number): void {
    this.#delete.run([rid])
  }

  insertEntry(key: Buffer, rid: number): void {
    this.#insertEntry.run([key, rid])
  }

  deleteEntry(key: Buffer): void {
    this.#deleteEntry.run([key])
  }

  count(collectionId: number): number {
    return (this.#count.get(rowRange(collectionId)) as [number])[0]
  }

  /** Bytes of all documents of a collection. */
  size(collectionId: number): number {
    return (this.#size.get(rowRange(collectionId)) as [number])[0]
  }

  /** Highest row id in use, or the one before the first. */
  lastRow(collectionId: number): number {
    const [last] = this.#lastRow.get(rowRange(collectionId)) as [number | null]
    return last ?? rowRange(collectionId)[0]
  }

  clear(collectionId: number): void {
    this.#clear.run([...rowRange(collectionId)])
  }

  clearEntries(from: Buffer, before: Buffer): void {
    this.#clearEntries.run([from, before])
  }
}

/** The row ids around a collection's rows. */
export function rowRange(collectionId: number): [number, number] {
  return [collectionId * ROWS_PER_COLLECTION, (collectionId + 1) * ROWS_PER_COLLECTION]
}

function toDocument([rid, key, bytes]: DocumentTuple): StoredDocument {
  return { rid, key, bytes }
}

function asDocument(row: DocumentTuple | undefined): StoredDocument | undefined {
  return row ? toDocument(row) : undefined
}
