import { pause } from '../../bus/pause.ts'
import type { Generation } from '../../read-model/generation.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { openGenerations } from '../generations.ts'
import { codeOf, standingOf } from '../projection-code.ts'
import { RebuildLostError, RebuildRunningError } from '../projection-errors.ts'
import type { ProjectionState } from '../projection-status.ts'
import type { KeepOptions } from './generation-keeper.ts'
import { rebuildByItself } from './rebuild-by-itself.ts'

/**
 * Returns the active generation, and builds the next one first where the code is of a later version or another shape.
 *
 * Another process may have switched generations while this one waited, and other code may have built them.
 *
 * @returns Undefined where another process builds it right now, readers are on later code, or the signal was raised:
 *   look again.
 */
export async function rebuildChanged(
  options: KeepOptions,
  planner: FoldPlanner,
  signal: AbortSignal,
  enter: (state: ProjectionState) => void,
): Promise<Generation | undefined> {
  const { definition, ports, tuning } = options
  const { leaseMs } = tuning
  const record = await openGenerations(ports.readModels, definition)
  const active = record.active as Generation
  const standing = standingOf(record, codeOf(definition))
  if (standing === 'current') {
    // Makes the indexes that were declared after the generation was.
    await ports.readModels.create(active, definition.models)
    return active
  }
  // The next look at the generations says so, too.
  if (standing === 'outdated') return undefined
  try {
    enter('rebuilding')
    const onError = definition.onError ?? 'dead-letter'
    return await rebuildByItself({ ...options, planner, signal, onError })
  } catch (error) {
    if (!(error instanceof RebuildRunningError || error instanceof RebuildLostError)) throw error
    enter('standby')
    await pause(leaseMs / 5, signal)
    return undefined
  }
}
