import { decodeDocument } from '../bson/decode.ts'
import type { BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { planQuery } from '../index/plan-query.ts'
import type { Hint, KeyBounds, QueryPlan, SortField } from '../index/query-plan.ts'
import type { StoredDocument } from '../store/document-rows.ts'
import type { ReadView } from '../store/read-view.ts'
import { scan, type ScanCounters } from '../store/scan.ts'
import type { Engine } from '../store/engine.ts'
import type { Filter } from './filter.ts'
import { documentOrder } from './sort-order.ts'

/** A document that matched; decoded only when somebody asks. */
export class Match {
  #document: BsonDocument | undefined
  constructor(
    readonly stored: StoredDocument,
    document?: BsonDocument,
  ) {
    this.#document = document
  }

  get document(): BsonDocument {
    return (this.#document ??= decodeDocument(this.stored.bytes))
  }
}

/** Which documents to find. */
export interface FindRequest {
  readonly filter: Filter
  readonly sort?: readonly SortField[]
  readonly skip?: number
  /** Absent: all. */
  readonly limit?: number
  readonly hint?: Hint
  readonly bounds?: KeyBounds
}

/** How a request is run. */
export interface Execution {
  readonly plan: QueryPlan
  readonly counters: ScanCounters
  /** True when the documents are put in order before the first is returned. */
  readonly sortsInMemory: boolean
  readonly matches: Iterable<Match>
}

/**
 * Plans a query and prepares to run it; documents are looked up while the result is iterated.
 *
 * @throws {ServerError} The hint names no index.
 */
export function findDocuments(
  engine: Engine,
  view: ReadView,
  collection: Collection,
  request: FindRequest,
): Execution {
  const sort = request.sort ?? []
  const useOrder = sort.length === 0 || keepsOrder(view, collection, sort)
  const { filter, hint, bounds } = request
  const plan = planQuery(collection, { filter, sort, useOrder }, hint, bounds)
  const counters: ScanCounters = { keys: 0, documents: 0 }
  const rows = scan({ rows: engine.rows, view, counters }, collection, plan)
  const matchesAll = Object.keys(filter.source).length === 0
  const found = matchesAll || (plan.exact && plan.ids) ? exactMatches(rows) : filtered(rows, filter)
  const sortsInMemory = sort.length > 0 && !isOrdered(plan)
  const ordered = sortsInMemory ? sorted(found, request, sort) : found
  const matches = sliced(ordered, request.skip ?? 0, request.limit ?? Infinity)
  return { plan, counters, sortsInMemory, matches }
}

/** False when an array among the documents that differ from the file breaks the order of an index. */
function keepsOrder(view: ReadView, collection: Collection, sort: readonly SortField[]): boolean {
  const overlay = view.overlay(collection)
  if (!overlay) return true
  const useful = collection.indexes.filter(
    (index) => index.ordered && index.fields.some(({ path }) => path === sort[0]?.path),
  )
  return useful.every((index) => overlay.entriesIn(index, []) !== undefined)
}

function isOrdered(plan: QueryPlan): boolean {
  return plan.sorted && plan.index !== undefined
}

function* exactMatches(rows: Iterable<StoredDocument>): Generator<Match> {
  for (const row of rows) yield new Match(row)
}

function* filtered(rows: Iterable<StoredDocument>, filter: Filter): Generator<Match> {
  for (const row of rows) {
    const document = decodeDocument(row.bytes)
    if (filter.matches(document)) yield new Match(row, document)
  }
}

function* sorted(
  found: Iterable<Match>,
  request: FindRequest,
  sort: readonly SortField[],
): Generator<Match> {
  const order = documentOrder(sort, request.filter.collation.order)
  const wanted = (request.skip ?? 0) + (request.limit ?? Infinity)
  let kept: Match[] = []
  for (const match of found) {
    kept.push(match)
    // Only the first documents are needed: the rest is thrown away now and then.
    if (kept.length > wanted * 2 + 1024) kept = kept.sort(compare).slice(0, wanted)
  }
  yield* kept.sort(compare)

  function compare(left: Match, right: Match): number {
    return order(left.document, right.document)
  }
}

function* sliced(matches: Iterable<Match>, skip: number, limit: number): Generator<Match> {
  let position = 0
  if (limit <= 0) return
  for (const match of matches) {
    position += 1
    if (position > skip) yield match
    if (position >= skip + limit) return
  }
}
