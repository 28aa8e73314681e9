import type { ReadModelDocument } from '@varve/core'

/** Where the versions of the documents of a collection are. */
export function historyOf(collection: string): string {
  return `${collection}__history`
}

/** `to` of a version that is valid still: the largest int64. */
export const openPosition = 2n ** 63n - 1n

/** `toAt` of a version that is valid still: the last date JavaScript has. */
export const openDate = new Date(8.64e15)

/** One version of a document, valid for positions in `[from, to)` and dates in `[fromAt, toAt)`. */
export interface HistoryVersion {
  readonly _id: { readonly id: string; readonly from: bigint }
  readonly id: string
  readonly from: bigint
  readonly to: bigint
  readonly fromAt: Date
  readonly toAt: Date
  /** Where the version is filed by positions, and by dates; see `validity-cell.ts`. */
  readonly cell: string
  readonly cellAt: string
  readonly doc: ReadModelDocument
  /** Counts the versions of the document since it was made, where only some are kept. */
  readonly n?: number
  /** Whether the versions before it may have been dropped. */
  readonly isCut?: true
}
