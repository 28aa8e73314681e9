/** A filter, as in MongoDB. */
export type Filter = Readonly<Record<string, unknown>>

/** The direction of a sort, in any of the driver's spellings. */
export type SortDirection = 1 | -1 | 'asc' | 'desc' | 'ascending' | 'descending'

/** What to sort by, in any of the driver's spellings. */
export type Sort =
  | string
  | readonly string[]
  | readonly (readonly [string, SortDirection])[]
  | Readonly<Record<string, SortDirection>>
  | ReadonlyMap<string, SortDirection>

/** Options of `find` and `findOne`, as in the MongoDB driver. */
export interface FindOptions {
  readonly sort?: Sort
  readonly skip?: number
  /** 0: no limit. */
  readonly limit?: number
  readonly projection?: Readonly<Record<string, unknown>>
  /** Returns bigints as they were stored. Default: as numbers, where those are exact. */
  readonly useBigInt64?: boolean
}

/** Options of `countDocuments`, as in the MongoDB driver. */
export interface CountOptions {
  readonly skip?: number
  readonly limit?: number
}

/** Brings a sort into one spelling: pairs of key and direction, most important first. */
export function sortPairs(sort: Sort, direction: SortDirection = 1): [string, 1 | -1][] {
  if (typeof sort === 'string') return [[sort, sign(direction)]]
  const pairs = isArray(sort)
    ? sort.map((part) => (typeof part === 'string' ? ([part, 1] as const) : part))
    : sort instanceof Map
      ? [...(sort as ReadonlyMap<string, SortDirection>)]
      : Object.entries(sort as Readonly<Record<string, SortDirection>>)
  return pairs.map(([key, way]) => [key, sign(way)])
}

function isArray(
  sort: Sort,
): sort is readonly string[] | readonly (readonly [string, SortDirection])[] {
  return Array.isArray(sort)
}

function sign(direction: SortDirection): 1 | -1 {
  return direction === -1 || direction === 'desc' || direction === 'descending' ? -1 : 1
}
