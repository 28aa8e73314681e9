import type { RecordedEvent } from '@varve/core'

/** A place in the source: done with or not. */
export interface SourcePlace {
  /** Revision, or position. */
  readonly at: bigint
  isDone: boolean
}

/** One event on its way through a group. */
export interface GroupMessage {
  readonly event: RecordedEvent
  readonly retryCount: number
  /** Undefined for a parked event that is delivered again. */
  readonly place: SourcePlace | undefined
}

/** A message a group gave up on. */
export interface ParkedMessage {
  readonly event: RecordedEvent
  readonly reason: string
  readonly parkedAt: Date
}
