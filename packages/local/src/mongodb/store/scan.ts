import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import type { QueryPlan } from '../index/query-plan.ts'
import { rowRange, type DocumentRows, type StoredDocument } from './document-rows.ts'
import type { Overlay, ReadView } from './read-view.ts'
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
  const rows = plan.branches
    ? union(source, collection, plan.branches)
    : filePages(source, collection, plan)
  if (!overlay) {
    yield* rows
    return
  }
  const ordered = !plan.index && !plan.branches
  const direction = plan.backwards ? -1 : 1
  const compare = collection.clustered ? byKey : byRow
  yield* withOverlay(
    source,
    rows,
    overlay,
    ordered ? (left, right) => compare(left, right) * direction : undefined,
  )
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

/** Puts the overlay's documents in place of the file's: in row order, or at the end without one. */
function* withOverlay(
  source: ScanSource,
  rows: Iterable<StoredDocument>,
  overlay: Overlay,
  order: ((left: StoredDocument, right: StoredDocument) => number) | undefined,
) {
  const added = [...overlay.values()].filter((document) => document !== null)
  if (order) added.sort(order)
  let next = 0
  for (const row of rows) {
    if (overlay.has(row.key.toString('latin1'))) continue
    while (order && next < added.length) {
      const candidate = added[next]
      if (!candidate || order(candidate, row) > 0) break
      yield counted(source, candidate)
      next += 1
    }
    yield row
  }
  for (const document of added.slice(next)) yield counted(source, document)
}

function byRow(left: StoredDocument, right: StoredDocument): number {
  return left.rid - right.rid
}

function byKey(left: StoredDocument, right: StoredDocument): number {
  return left.key.compare(right.key)
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
