import type { CircuitState } from '../circuit-breaker/circuit-breaker-options.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'
import type { SlotRange } from '../read-model/slots.ts'
import type { ProjectionLag } from './follow/lag-meter.ts'
import type { ProjectionMetrics } from './projection-meter.ts'

/**
 * What a projection is doing. `standby`: other workers do all there is to do. `retrying`: an event or a server failed
 * and is tried again. `outdated`: readers are on later code, so this process leaves them alone. `paused`: somebody paused it, in all processes. `halted`: it gave up and waits for somebody.
 */
export type ProjectionState =
  | 'starting'
  | 'standby'
  | 'catching-up'
  | 'live'
  | 'retrying'
  | 'rebuilding'
  | 'outdated'
  | 'paused'
  | 'halted'
  | 'stopped'

/** What one worker of a projection in this process is doing. */
export interface WorkerStatus {
  readonly name: string
  readonly state: ProjectionState
  /** The documents it writes, by their slots. */
  readonly slots: readonly SlotRange[]
  readonly position: bigint | undefined
}

/** What is known of a projection in this process. */
export interface ProjectionStatus extends ProjectionMetrics {
  readonly name: string
  readonly version: number
  /** The most pressing one of its workers. */
  readonly state: ProjectionState
  /** What readers see. */
  readonly generation: Generation | undefined
  /** Everything up to here is in the read models, as far as this process knows. */
  readonly position: bigint | undefined
  /** Of the slots this process writes. */
  readonly lag: ProjectionLag
  readonly level: ConsistencyLevel | undefined
  /** Of the circuit breaker around the read-model store: open while that does not answer. */
  readonly circuit: CircuitState
  readonly workers: readonly WorkerStatus[]
  readonly lastError: unknown
}

const bySeverity: readonly ProjectionState[] = [
  'halted',
  'outdated',
  'retrying',
  'rebuilding',
  'catching-up',
  'starting',
  'live',
  'paused',
  'standby',
]

/** The most pressing of several states. */
export function worstState(states: readonly ProjectionState[]): ProjectionState {
  return bySeverity.find((state) => states.includes(state)) ?? 'stopped'
}
