import { decodeDocument } from '../bson/decode.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import type { EntryRow, StoredDocument } from './document-rows.ts'
import type { OwnDocuments } from './own-documents.ts'
import { entryKey, prefixed } from './store-keys.ts'

/** Ranges of index keys, from the first bytes, included, to the second, excluded. */
export type KeyRanges = readonly (readonly [Buffer, Buffer])[]

/** A document as a reader sees it by key; null when it is not there. */
export type SeenDocument = readonly [key: string, document: StoredDocument | null]

/** What of older versions a reader sees in place of the file. */
export interface OlderVersions {
  has(key: string): boolean
  all(): Iterable<SeenDocument>
}

/** The entries of a document in an index, as the file would have them. */
export function entriesOf(
  index: CollectionIndex,
  document: StoredDocument,
): { readonly entries: EntryRow[]; readonly multikey: boolean } {
  const { keys, multikey } = index.keysOf(decodeDocument(document.bytes))
  const entries = keys.map((key) => ({
    ...document,
    entry: index.isIdIndex ? prefixed(index.id, key) : entryKey(index.id, key, document.rid),
  }))
  return { entries, multikey }
}

/** True when an entry of an index lies in one of the ranges. */
export function isInRanges(index: CollectionIndex, entry: Buffer, ranges: KeyRanges): boolean {
  return ranges.some(
    ([low, high]) =>
      entry.compare(prefixed(index.id, low)) >= 0 && entry.compare(prefixed(index.id, high)) < 0,
  )
}

/** The documents of a collection that one reader sees differently from the file. */
export class Overlay {
  constructor(
    private readonly own: OwnDocuments | undefined,
    private readonly older: OlderVersions,
  ) {}

  /** True when a document of the file does not count. */
  has(key: string): boolean {
    return this.own?.has(key) === true || this.older.has(key)
  }

  /** All documents the file has not, or has differently. */
  documents(): StoredDocument[] {
    return [...(this.own?.documents() ?? []), ...this.#older()]
  }

  /**
   * Those with an entry in ranges of an index, ascending by entry.
   *
   * @returns `undefined` when an array makes the ranges of the plan useless for them.
   */
  entriesIn(index: CollectionIndex, ranges: KeyRanges): EntryRow[] | undefined {
    const own = this.own ? this.own.entriesIn(index, ranges) : []
    if (!own) return undefined
    const older = this.#older().map((document) => entriesOf(index, document))
    if (!index.multikey && older.some(({ multikey }) => multikey)) return undefined
    const found = older
      .flatMap(({ entries }) => entries)
      .filter(({ entry }) => isInRanges(index, entry, ranges))
    if (found.length === 0) return own
    return [...own, ...found].sort((left, right) => left.entry.compare(right.entry))
  }

  #older(): StoredDocument[] {
    const documents: StoredDocument[] = []
    for (const [key, document] of this.older.all())
      if (document && this.own?.has(key) !== true) documents.push(document)
    return documents
  }
}
