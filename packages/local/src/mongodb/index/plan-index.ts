import type { BsonValue } from '../bson/value.ts'
import type { Conjunct, Filter } from '../query/filter.ts'
import type { CollectionIndex, IndexField } from './collection-index.ts'
import { impliesPartialFilter, excludesMissing } from './partial-filter.ts'
import { boundsOf, bytesOf, intersect, type Interval } from './query-bounds.ts'
import type { QueryPlan, SortField } from './query-plan.ts'

/** What a query asks the planner for. */
export interface PlanRequest {
  readonly filter: Filter
  readonly sort: readonly SortField[]
  /** False when documents outside the index are merged in, so that its order is no help. */
  readonly useOrder: boolean
}

/** More ranges than this are not worth a multiplication. */
const MAX_RANGES = 20_000

/**
 * How one index would serve a query.
 *
 * @param force Use the index although it leaves out documents.
 * @returns `undefined` when the index cannot serve the query.
 */
export function planIndex(
  index: CollectionIndex,
  request: PlanRequest,
  force = false,
): QueryPlan | undefined {
  if (!index.ordered || !sameCollation(index, request.filter)) return undefined
  const { conjuncts } = request.filter
  if (!force && !covers(index, conjuncts)) return undefined
  const bounded = boundFields(index, conjuncts)
  const points = bounded.filter((intervals) => isPoint(intervals)).length
  const order = orderOf(index, bounded, request)
  return {
    index,
    ranges: rangesOf(index, bounded),
    backwards: order === 'backwards',
    sorted: order !== undefined && request.sort.length > 0,
    exact: isExact(index, request.filter, bounded),
    ids: index.isIdIndex && bounded[0]?.every((interval) => interval.point !== undefined) === true,
    boundFields: bounded.length + (points === index.fields.length ? 1 : 0),
  }
}

function sameCollation(index: CollectionIndex, filter: Filter): boolean {
  if (index.collation.simple === filter.collation.simple) {
    return (
      index.collation.simple ||
      JSON.stringify(index.collation.definition) === JSON.stringify(filter.collation.definition)
    )
  }
  // Without text in the query the collation makes no difference, except for embedded text.
  return index.isIdIndex && filter.conjuncts.every(({ operand }) => isTextFree(operand))
}

function isTextFree(operand: BsonValue): boolean {
  if (Array.isArray(operand)) return operand.every(isTextFree)
  return typeof operand === 'number' || typeof operand === 'bigint' || typeof operand === 'boolean'
}

function covers(index: CollectionIndex, conjuncts: readonly Conjunct[]): boolean {
  if (index.partial && !impliesPartialFilter(index.partial, conjuncts)) return false
  if (!index.sparse) return true
  return conjuncts.some(
    (conjunct) =>
      index.fields.some(({ path }) => path === conjunct.path) && excludesMissing(conjunct),
  )
}

/** Intervals of the leading fields; a field that is no point ends the list. */
function boundFields(index: CollectionIndex, conjuncts: readonly Conjunct[]): Interval[][] {
  const bounded: Interval[][] = []
  for (const field of index.fields) {
    if (index.multikey && sharesArray(index, field, bounded.length)) break
    const intervals = intervalsOf(index, field, conjuncts)
    if (!intervals) break
    bounded.push(intervals)
    if (!intervals.every((interval) => interval.point !== undefined)) break
    if (bounded.reduce((product, list) => product * list.length, 1) > MAX_RANGES) {
      bounded.pop()
      break
    }
  }
  return bounded
}

/** Conditions on two fields of one array can be met by different elements. */
function sharesArray(index: CollectionIndex, field: IndexField, position: number): boolean {
  return index.fields.slice(0, position).some((other) => other.parts[0] === field.parts[0])
}

function intervalsOf(
  index: CollectionIndex,
  field: IndexField,
  conjuncts: readonly Conjunct[],
): Interval[] | undefined {
  let result: Interval[] | undefined
  for (const conjunct of conjuncts) {
    if (conjunct.path !== field.path) continue
    const bounds = boundsOf(conjunct, index.collation.key)
    if (!bounds) continue
    if (!result) result = bounds
    // Different elements of an array can meet different conditions: one condition has to do.
    else if (index.multikey) result = bounds.length < result.length ? bounds : result
    else result = intersect(result, bounds)
  }
  return result
}

function rangesOf(index: CollectionIndex, bounded: readonly Interval[][]): [Buffer, Buffer][] {
  let ranges: [Buffer, Buffer][] = [[Buffer.alloc(0), Buffer.of(0xff)]]
  bounded.forEach((intervals, position) => {
    const descending = index.fields[position]?.descending === true
    const parts = intervals.map((interval) => bytesOf(interval, descending))
    if (descending) parts.reverse()
    const prefixes = position === 0 ? [Buffer.alloc(0)] : ranges.map(([low]) => low)
    ranges = prefixes.flatMap((prefix) =>
      parts.map(
        ([low, high]) =>
          [Buffer.concat([prefix, low]), Buffer.concat([prefix, high])] as [Buffer, Buffer],
      ),
    )
  })
  return ranges
}

function isPoint(intervals: readonly Interval[] | undefined): boolean {
  return intervals?.length === 1 && intervals[0]?.point !== undefined
}

/** Whether the index gives the order of the sort, in which direction. */
function orderOf(
  index: CollectionIndex,
  bounded: readonly Interval[][],
  request: PlanRequest,
): 'forwards' | 'backwards' | undefined {
  if (request.sort.length === 0) return 'forwards'
  if (!request.useOrder || index.multikey || !index.collation.simple) return undefined
  if (!request.filter.collation.simple) return undefined
  const fixed = new Set(
    index.fields.filter((_, position) => isPoint(bounded[position])).map(({ path }) => path),
  )
  const wanted = request.sort.filter(({ path }) => !fixed.has(path))
  let skipped = 0
  while (skipped < index.fields.length && isPoint(bounded[skipped])) skipped += 1
  const rest = index.fields.slice(skipped)
  let direction: 'forwards' | 'backwards' | undefined
  for (const [position, { path, direction: sign }] of wanted.entries()) {
    const field = rest[position]
    if (field?.path !== path) return undefined
    const step = field.descending === sign < 0 ? 'forwards' : 'backwards'
    if (direction && direction !== step) return undefined
    direction = step
  }
  const multiple = bounded.slice(skipped + 1).some((intervals) => intervals.length > 1)
  return multiple ? undefined : (direction ?? 'forwards')
}

/** Only for `_id`: it is never an array, so a single condition on it is the index range. */
function isExact(index: CollectionIndex, filter: Filter, bounded: readonly Interval[][]): boolean {
  return (
    index.isIdIndex &&
    filter.plain &&
    filter.collation.simple &&
    bounded.length === 1 &&
    filter.conjuncts.every(
      ({ path, operator }) => path === '_id' && (operator === '$eq' || operator === '$in'),
    )
  )
}
