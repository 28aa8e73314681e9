import { printDocument } from '../bson/print-value.ts'
import { isDocument, isNumeric, toNumber, type BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Filter } from '../query/filter.ts'
import type { CollectionIndex } from './collection-index.ts'
import { sameKeyPattern } from './key-pattern.ts'
import { planIndex, type PlanRequest } from './plan-index.ts'
import type { Hint, KeyBounds, QueryPlan } from './query-plan.ts'

/** Everything else: all documents in the order of insertion. */
export const COLLECTION_SCAN: QueryPlan = {
  ranges: [],
  backwards: false,
  sorted: false,
  exact: false,
  ids: false,
  boundFields: 0,
}

/**
 * Chooses how to find the documents of a query.
 *
 * @throws {ServerError} The hint names no index.
 */
export function planQuery(
  collection: Collection,
  request: PlanRequest,
  hint?: Hint,
  bounds?: KeyBounds,
): QueryPlan {
  if (bounds) return boundedPlan(collection, hint, bounds)
  if (hint !== undefined) return hintedPlan(collection, request, hint)
  const plans = collection.indexes
    .filter((index) => index.ordered && !index.hidden)
    .map((index) => planIndex(index, request))
    .filter((plan) => plan !== undefined)
    .filter((plan) => plan.boundFields > 0 || plan.sorted)
  const best = plans.reduce<QueryPlan | undefined>(
    (chosen, plan) => (chosen && rank(chosen) >= rank(plan) ? chosen : plan),
    undefined,
  )
  if (best && best.boundFields > 0) return best
  return unionPlan(collection, request) ?? best ?? COLLECTION_SCAN
}

function rank(plan: QueryPlan): number {
  const points = plan.ids ? 1000 : 0
  const unique = plan.index?.unique && plan.boundFields === plan.index.fields.length ? 50 : 0
  return points + unique + plan.boundFields * 10 + (plan.exact ? 5 : 0) + (plan.sorted ? 8 : 0)
}

/** The union of one plan per branch, when every branch of an `$or` has an index. */
function unionPlan(collection: Collection, request: PlanRequest): QueryPlan | undefined {
  for (const filters of request.filter.alternatives) {
    const branches = filters.map((filter) => branchPlan(collection, request, filter))
    if (branches.every((plan) => plan !== undefined)) {
      return { ...COLLECTION_SCAN, branches }
    }
  }
  return undefined
}

function branchPlan(
  collection: Collection,
  request: PlanRequest,
  filter: Filter,
): QueryPlan | undefined {
  const plan = planQuery(collection, { ...request, filter, sort: [] })
  return plan.index || plan.branches ? plan : undefined
}

/** The keys from `min` to before `max` of the hinted index. */
function boundedPlan(
  collection: Collection,
  hint: Hint | undefined,
  { min, max }: KeyBounds,
): QueryPlan {
  const index = hint === undefined ? undefined : hintedIndex(collection, hint)
  if (hint === undefined) {
    throw new ServerError(
      51173,
      'When using min()/max() a hint of which index to use must be provided',
    )
  }
  if (!index?.ordered) {
    throw new ServerError(
      51174,
      `The index chosen is not compatible with min/max: ${isDocument(hint) ? printDocument(hint) : hint}`,
    )
  }
  const keyOf = (name: string, bound: BsonDocument): Buffer => {
    const fits = Object.keys(bound).every((path, at) => index.fields[at]?.path === path)
    if (!fits || Object.keys(bound).length !== index.fields.length)
      throw new ServerError(51176, `The ${name} must have the fields of the hinted index, in order`)
    return index.encode(Object.values(bound).map((value) => value ?? null))
  }
  const low = min ? keyOf('min', min) : Buffer.alloc(0)
  const high = max ? keyOf('max', max) : Buffer.of(0xff)
  if (Buffer.compare(low, high) >= 0)
    throw new ServerError(51175, 'min value should be less than max value')
  return { ...COLLECTION_SCAN, index, ranges: [[low, high]], boundFields: 1 }
}

function hintedPlan(collection: Collection, request: PlanRequest, hint: Hint): QueryPlan {
  if (isDocument(hint) && '$natural' in hint) {
    const direction = hint['$natural']
    return { ...COLLECTION_SCAN, backwards: isNumeric(direction) && toNumber(direction) < 0 }
  }
  const index = hintedIndex(collection, hint)
  if (!index) {
    throw new ServerError(
      'BadValue',
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    )
  }
  return (
    planIndex(index, request) ??
    // The index leaves out documents the query can match, but the hint asks for it all the same.
    planIndex(index, { ...request, sort: [] }, true) ??
    COLLECTION_SCAN
  )
}

/** The index a hint names. */
export function hintedIndex(collection: Collection, hint: Hint): CollectionIndex | undefined {
  return collection.indexes.find((index) =>
    typeof hint === 'string' ? index.name === hint : sameKeyPattern(index.keyPattern, hint),
  )
}
