import type { CollectionIndex } from '../index/collection-index.ts'
import type { EntryRow, StoredDocument } from './document-rows.ts'
import { entriesOf, type KeyRanges } from './overlay.ts'
import { prefixed } from './store-keys.ts'

/** Entries of one index in order, with those of every document to take them out again. */
interface OwnEntries {
  readonly ordered: EntryRow[]
  readonly byKey: Map<string, readonly EntryRow[]>
  /** Keys of documents with an array on a path of the index. */
  readonly arrays: Set<string>
}

/**
 * The documents of one collection that a transaction has written, with index entries in memory.
 *
 * An index is built when a query first uses it and kept up to date from then on, so that the
 * statements of a long transaction do not look through everything it has written.
 */
export class OwnDocuments {
  readonly #documents = new Map<string, StoredDocument | null>()
  readonly #entries = new Map<CollectionIndex, OwnEntries>()

  /** A written document; null when it was removed, undefined when it was not written. */
  get(key: string): StoredDocument | null | undefined {
    return this.#documents.get(key)
  }

  has(key: string): boolean {
    return this.#documents.has(key)
  }

  set(key: string, document: StoredDocument | null): void {
    this.#documents.set(key, document)
    for (const [index, entries] of this.#entries) replace(index, entries, key, document)
  }

  /** Those that are there. */
  documents(): StoredDocument[] {
    return [...this.#documents.values()].filter((document) => document !== null)
  }

  /**
   * Those with an entry in ranges of an index, ascending by entry.
   *
   * @returns `undefined` when an array makes the ranges of the plan useless for them.
   */
  entriesIn(index: CollectionIndex, ranges: KeyRanges): EntryRow[] | undefined {
    const { ordered, arrays } = this.#entriesOf(index)
    if (arrays.size > 0 && !index.multikey) return undefined
    return ranges.flatMap(([low, high]) =>
      ordered.slice(
        firstFrom(ordered, prefixed(index.id, low)),
        firstFrom(ordered, prefixed(index.id, high)),
      ),
    )
  }

  #entriesOf(index: CollectionIndex): OwnEntries {
    const known = this.#entries.get(index)
    if (known) return known
    const entries: OwnEntries = { ordered: [], byKey: new Map(), arrays: new Set() }
    for (const [key, document] of this.#documents) {
      if (!document) continue
      const own = entriesOf(index, document)
      entries.ordered.push(...own.entries)
      entries.byKey.set(key, own.entries)
      if (own.multikey) entries.arrays.add(key)
    }
    entries.ordered.sort((left, right) => left.entry.compare(right.entry))
    this.#entries.set(index, entries)
    return entries
  }
}

function replace(
  index: CollectionIndex,
  { ordered, byKey, arrays }: OwnEntries,
  key: string,
  document: StoredDocument | null,
): void {
  for (const { entry } of byKey.get(key) ?? []) ordered.splice(firstFrom(ordered, entry), 1)
  byKey.delete(key)
  arrays.delete(key)
  if (!document) return
  const own = entriesOf(index, document)
  for (const row of own.entries) ordered.splice(firstFrom(ordered, row.entry), 0, row)
  byKey.set(key, own.entries)
  if (own.multikey) arrays.add(key)
}

/** Position of the first entry that is not below a key. */
function firstFrom(ordered: readonly EntryRow[], key: Buffer): number {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ordered[middle]?.entry.compare(key) ?? 0) < 0) low = middle + 1
    else high = middle
  }
  return low
}
