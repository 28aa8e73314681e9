import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import { pause } from '../../bus/pause.ts'
import type { Generation } from '../../read-model/generation.ts'
import { buildGeneration } from './build-generation.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { openGenerations } from '../generations.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { RebuildRunningError } from '../projection-errors.ts'
import type { ProjectionPorts, ProjectionTuning } from '../projection-ports.ts'
import type { ProjectionState } from '../projection-status.ts'
import { rebuildAlone } from './rebuild-alone.ts'

/** What {@link rebuildChanged} needs. */
export interface RebuildChangedOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly circuit: CircuitBreaker
}

/**
 * Returns the active generation, and builds the next one first where the code is of another version.
 *
 * Another process may have switched generations while this one waited, and other code may have built them.
 *
 * @returns Undefined where another process builds it right now, or the signal was raised: look again.
 */
export async function rebuildChanged(
  { definition, ports, tuning, circuit }: RebuildChangedOptions,
  planner: FoldPlanner,
  signal: AbortSignal,
  enter: (state: ProjectionState) => void,
): Promise<Generation | undefined> {
  const { active } = await openGenerations(ports.readModels, definition)
  if (active?.version === definition.version) {
    // Makes the indexes that were declared after the generation was.
    await ports.readModels.create(active, definition.models)
    return active
  }
  const { leases, ids } = ports
  const { leaseMs } = tuning
  try {
    enter('rebuilding')
    const built = await rebuildAlone(
      { projection: definition.name, leases, ids, leaseMs, signals: [signal] },
      (ended) =>
        buildGeneration({
          definition,
          planner,
          ports,
          tuning,
          circuit,
          batchSize: tuning.rebuildBatchSize,
          signal: ended,
          onError: definition.onError ?? 'dead-letter',
        }),
    )
    return built.generation
  } catch (error) {
    if (!(error instanceof RebuildRunningError)) throw error
    enter('standby')
    await pause(leaseMs / 5, signal)
    return undefined
  }
}
