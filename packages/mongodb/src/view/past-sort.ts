import type { Sort, SortDirection } from 'mongodb'
import { pastPath } from './past-filter.ts'

/** Rewrites a sort of documents, in any of the forms the driver takes, to one of their versions. */
export function pastSort(sort: Sort, direction?: SortDirection): Sort {
  if (typeof sort === 'string') return [[pastPath(sort), direction ?? 1]]
  if (typeof sort !== 'object') return sort
  return pairs(sort).map(([path, order]) => [pastPath(path), order] as const)
}

function pairs(sort: Exclude<Sort, string | number>): (readonly [string, SortDirection])[] {
  if (sort instanceof Map) return [...(sort as ReadonlyMap<string, SortDirection>)]
  if (!Array.isArray(sort)) return Object.entries(sort as Record<string, SortDirection>)
  const entries = sort as readonly (string | readonly [string, SortDirection])[]
  const [path, order] = sort as readonly unknown[]
  if (sort.length === 2 && typeof path === 'string' && isDirection(order)) return [[path, order]]
  return entries.map((entry) => (typeof entry === 'string' ? [entry, 1] : entry))
}

/** Of a pair of strings, the second may be a direction or another field; the driver decides the same way. */
function isDirection(value: unknown): value is SortDirection {
  if (typeof value === 'object') return value !== null && '$meta' in value
  return (
    (typeof value === 'string' || typeof value === 'number') &&
    /^(-?1|asc(ending)?|desc(ending)?)$/i.test(`${value}`)
  )
}
