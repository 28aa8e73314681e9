import type { FilterOptions, ReadFrom } from '../wire/read-request.ts'

/** How a group spreads its events over its consumers. */
export type ConsumerStrategyName =
  'DispatchToSingle' | 'RoundRobin' | 'Pinned' | 'PinnedByCorrelation'

/** Settings of a persistent subscription, as clients give them. Times in milliseconds. */
export interface GroupSettings {
  readonly resolveLinks: boolean
  readonly extraStatistics: boolean
  /** First event, inclusive: a revision, or a position for `$all`. */
  readonly startFrom: ReadFrom
  /** After this long without an answer a message is tried again; 0 for never. */
  readonly messageTimeoutMs: number
  /** Tries after the first; then the message is parked. */
  readonly maxRetryCount: number
  readonly checkpointAfterMs: number
  readonly minCheckpointCount: number
  readonly maxCheckpointCount: number
  /** 0 for any number. */
  readonly maxSubscriberCount: number
  readonly liveBufferSize: number
  readonly readBatchSize: number
  readonly historyBufferSize: number
  readonly strategy: ConsumerStrategyName
  /** Only for `$all`. */
  readonly filter?: FilterOptions | undefined
}

/** A persistent subscription: what it reads, and its name. `$all` is the whole log. */
export interface GroupKey {
  readonly source: string
  readonly group: string
}

/** The source that is the whole log. */
export const ALL = '$all'

/** The id of a subscription as clients and stream names have it. */
export function subscriptionId({ source, group }: GroupKey): string {
  return `${source}::${group}`
}
