import type { BsonDocument } from '../bson/value.ts'
import type { CollectionIndex } from './collection-index.ts'

/** One step of a sort. */
export interface SortField {
  readonly path: string
  readonly direction: 1 | -1
}

/** Which documents a query looks at, and in which order. */
export interface QueryPlan {
  /** Absent: every document of the collection, in the order of insertion. */
  readonly index?: CollectionIndex
  /** Key ranges of the index, ascending: from the first bytes, included, to the second, excluded. */
  readonly ranges: readonly (readonly [Buffer, Buffer])[]
  readonly backwards: boolean
  /** True when documents come in the order of the sort. */
  readonly sorted: boolean
  /** True when every document in the ranges matches the filter. */
  readonly exact: boolean
  /** Each a single `_id`. */
  readonly ids: boolean
  /** Number of leading index fields that are bounded. */
  readonly boundFields: number
  /** Plans of the branches of an `$or` of which the union is looked at. */
  readonly branches?: readonly QueryPlan[]
}

/** A hint: an index by name or key pattern, or `$natural`. */
export type Hint = string | BsonDocument

/** Where to start in an index, and where to end before. */
export interface KeyBounds {
  readonly min?: BsonDocument
  readonly max?: BsonDocument
}
