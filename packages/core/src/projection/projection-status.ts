import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'

/**
 * What a projection is doing. `standby`: another process runs it. `retrying`: an event or a server failed
 * and is tried again. `halted`: it gave up and waits for somebody.
 */
export type ProjectionState =
  'starting' | 'standby' | 'catching-up' | 'live' | 'retrying' | 'rebuilding' | 'halted' | 'stopped'

/** What is known of a projection in this process. */
export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly state: ProjectionState
  /** What readers see. */
  readonly generation: Generation | undefined
  /** Everything up to here is in the read models, as far as this process knows. */
  readonly position: bigint | undefined
  readonly level: ConsistencyLevel | undefined
  /** Events folded since the start of this process. */
  readonly eventsApplied: number
  /** Commits since the start of this process. */
  readonly batches: number
  /** Failed tries since the start of this process. */
  readonly retries: number
  readonly lastError: unknown
}
