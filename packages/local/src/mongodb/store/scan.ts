import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import type { QueryPlan } from '../index/query-plan.ts'
import { rowRange, type DocumentRows, type EntryRow, type StoredDocument } from './document-rows.ts'
import type { Overlay } from './overlay.ts'
import type { ReadView } from './read-view.ts'
import { prefixed } from './store-keys.ts'

/** What a scan looked at. */
export interface ScanCounters {
  keys: number
  documents: number
}

/** What is needed to scan. */
export interface ScanSource {
  readonly rows: DocumentRows
  readonly view: ReadView
  readonly counters: ScanCounters
}

const FIRST_PAGE = 128
const PAGE = 1024
const ZERO = Buffer.of(0)
const EVERY_KEY = [[Buffer.alloc(0), Buffer.of(0xff)]] as const

/**
 * The documents of a plan, each once.
 *
 * Rows are read in pages, so that a scan can rest between two and goes on after writes in between.
 * @throws {ServerError} The collection was dropped while the scan rested.
 */
export function* scan(
  source: ScanSource,
  collection: Collection,
  plan: QueryPlan,
): Generator<StoredDocument, void, undefined> {
  if (plan.ids) {
    yield* byIds(source, collection, plan)
    return
  }
  const overlay = source.view.overlay(collection)
  if (!overlay) {
    yield* plan.branches
      ? union(source, collection, plan.branches)
      : filePages(source, collection, plan)
    return
  }
  if (plan.branches) yield* mergedUnion(source, collection, plan.branches, overlay)
  else if (plan.index) yield* mergedIndex(source, collection, plan, plan.index, overlay)
  else yield* mergedScan(source, collection, plan, overlay)
}

function* byIds(source: ScanSource, collection: Collection, plan: QueryPlan) {
  const ranges = plan.backwards ? [...plan.ranges].reverse() : plan.ranges
  for (const [low] of ranges) {
    source.counters.keys += 1
    const found = source.view.byKey(collection, prefixed(collection.id, low))
    if (found) yield counted(source, found)
  }
}

function* union(
  source: ScanSource,
  collection: Collection,
  branches: readonly QueryPlan[],
): Generator<StoredDocument, void, undefined> {
  const seen = new Set<number>()
  for (const branch of branches) {
    const rows = branch.branches
      ? union(source, collection, branch.branches)
      : filePages(source, collection, branch)
    for (const row of rows) {
      if (seen.has(row.rid)) continue
      seen.add(row.rid)
      yield row
    }
  }
}

function filePages(source: ScanSource, collection: Collection, plan: QueryPlan) {
  if (!plan.index) {
    return collection.clustered
      ? idRows(source, collection, { ...plan, ranges: EVERY_KEY })
      : allRows(source, collection, plan.backwards)
  }
  if (plan.index.isIdIndex) return idRows(source, collection, plan)
  return indexRows(source, collection, plan.index, plan)
}

function* allRows(source: ScanSource, collection: Collection, backwards: boolean) {
  let [after, before] = rowRange(collection.id)
  for (let size = FIRST_PAGE; ; size = PAGE) {
    assertOpen(collection)
    const page = source.rows.scan(after, before, size, backwards)
    for (const row of page) yield counted(source, row)
    const last = page[page.length - 1]
    if (!last || page.length < size) return
    if (backwards) before = last.rid
    else after = last.rid
  }
}

function* idRows(source: ScanSource, collection: Collection, plan: QueryPlan) {
  const ranges = plan.backwards ? [...plan.ranges].reverse() : plan.ranges
  for (const range of ranges) {
    let [from, before] = range.map((bytes) => prefixed(collection.id, bytes)) as [Buffer, Buffer]
    for (let size = FIRST_PAGE; ; size = PAGE) {
      assertOpen(collection)
      const page = source.rows.scanKeys(from, before, size, plan.backwards)
      for (const row of page) {
        source.counters.keys += 1
        yield counted(source, row)
      }
      const last = page[page.length - 1]
      if (!last || page.length < size) break
      if (plan.backwards) before = last.key
      else from = Buffer.concat([last.key, ZERO])
    }
  }
}

function* indexRows(
  source: ScanSource,
  collection: Collection,
  index: CollectionIndex,
  plan: QueryPlan,
) {
  const seen = index.multikey || plan.ranges.length > 1 ? new Set<number>() : undefined
  const ranges = plan.backwards ? [...plan.ranges].reverse() : plan.ranges
  for (const range of ranges) {
    let [from, before] = range.map((bytes) => prefixed(index.id, bytes)) as [Buffer, Buffer]
    for (let size = FIRST_PAGE; ; size = PAGE) {
      assertOpen(collection)
      const page = source.rows.scanEntries(from, before, size, plan.backwards)
      for (const row of page) {
        source.counters.keys += 1
        if (seen?.has(row.rid)) continue
        seen?.add(row.rid)
        yield counted(source, row)
      }
      const last = page[page.length - 1]
      if (!last || page.length < size) break
      if (plan.backwards) before = last.entry
      else from = Buffer.concat([last.entry, ZERO])
    }
  }
}

type Order = (left: StoredDocument, right: StoredDocument) => number

/** All documents, in the order the file would have them in. */
function mergedScan(source: ScanSource, collection: Collection, plan: QueryPlan, overlay: Overlay) {
  const direction = plan.backwards ? -1 : 1
  const compare = collection.clustered ? byKey : byRow
  const order: Order = (left, right) => compare(left, right) * direction
  const added = overlay.documents().sort(order)
  return merged(source, filePages(source, collection, plan), overlay, added, order)
}

/** The documents of an index plan, in the order of the index unless an array is in the way. */
function mergedIndex(
  source: ScanSource,
  collection: Collection,
  plan: QueryPlan,
  index: CollectionIndex,
  overlay: Overlay,
) {
  const rows = filePages(source, collection, plan)
  const entries = overlay.entriesIn(index, plan.ranges)
  if (!entries) return merged(source, rows, overlay, overlay.documents(), undefined)
  if (plan.backwards) entries.reverse()
  const direction = plan.backwards ? -1 : 1
  const compare = index.isIdIndex ? byKey : byEntry
  return merged(source, rows, overlay, entries, (left, right) => compare(left, right) * direction)
}

function* mergedUnion(
  source: ScanSource,
  collection: Collection,
  branches: readonly QueryPlan[],
  overlay: Overlay,
) {
  const seen = new Set<number>()
  for (const row of union(source, collection, branches)) {
    if (!overlay.has(row.key.toString('latin1'))) yield row
  }
  for (const document of addedBy(branches, overlay)) {
    if (seen.has(document.rid)) continue
    seen.add(document.rid)
    yield counted(source, document)
  }
}

function addedBy(branches: readonly QueryPlan[], overlay: Overlay): StoredDocument[] {
  return branches.flatMap((branch) => {
    if (branch.branches) return addedBy(branch.branches, overlay)
    const entries = branch.index && overlay.entriesIn(branch.index, branch.ranges)
    return entries ?? overlay.documents()
  })
}

/** Puts the overlay's documents in place of the file's: in order, or at the end without one. */
function* merged(
  source: ScanSource,
  rows: Iterable<StoredDocument>,
  overlay: Overlay,
  added: readonly StoredDocument[],
  order: Order | undefined,
) {
  const seen = new Set<number>()
  let next = 0
  function* addedBefore(row: StoredDocument | undefined) {
    for (; next < added.length; next += 1) {
      const candidate = added[next]
      if (!candidate || (row && (!order || order(candidate, row) > 0))) return
      if (seen.has(candidate.rid)) continue
      seen.add(candidate.rid)
      yield counted(source, candidate)
    }
  }
  for (const row of rows) {
    if (overlay.has(row.key.toString('latin1'))) continue
    yield* addedBefore(row)
    yield row
  }
  yield* addedBefore(undefined)
}

function byRow(left: StoredDocument, right: StoredDocument): number {
  return left.rid - right.rid
}

function byKey(left: StoredDocument, right: StoredDocument): number {
  return left.key.compare(right.key)
}

function byEntry(left: StoredDocument, right: StoredDocument): number {
  return (left as EntryRow).entry.compare((right as EntryRow).entry)
}

function counted(source: ScanSource, row: StoredDocument): StoredDocument {
  source.counters.documents += 1
  return row
}

function assertOpen(collection: Collection): void {
  if (collection.dropped) {
    throw new ServerError(
      'QueryPlanKilled',
      `collection dropped. UUID ${collection.uuid.toString('hex')}`,
    )
  }
}
