import { pause } from '../../bus/pause.ts'
import type { Generation } from '../../read-model/generation.ts'
import { DocumentRefusedError } from '../../read-model/read-model-errors.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { openGenerations } from '../generations.ts'
import { codeOf, standingOf } from '../projection-code.ts'
import {
  DeadLetterLimitError,
  OutdatedProjectionError,
  ProjectionHandlerError,
  RebuildLostError,
  RebuildRunningError,
} from '../projection-errors.ts'
import type { ProjectionState } from '../projection-status.ts'
import { buildGeneration } from './build-generation.ts'
import type { KeepOptions } from './keep-previous.ts'
import { rebuildAlone } from './rebuild-alone.ts'

/** Who hears of what a worker does instead of following. */
export interface ChangedListener {
  readonly enter: (state: ProjectionState) => void
  /** This process must leave the projection alone. */
  readonly onOutdated: (error: OutdatedProjectionError) => void
}

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
  listener: ChangedListener,
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
  if (standing === 'outdated') {
    const { name, version } = definition
    listener.onOutdated(new OutdatedProjectionError(name, version, active.version))
    await pause(leaseMs / 5, signal)
    return undefined
  }
  try {
    listener.enter('rebuilding')
    return await rebuild(options, planner, signal)
  } catch (error) {
    if (!(error instanceof RebuildRunningError || error instanceof RebuildLostError)) throw error
    listener.enter('standby')
    await pause(leaseMs / 5, signal)
    return undefined
  }
}

async function rebuild(
  options: KeepOptions,
  planner: FoldPlanner,
  signal: AbortSignal,
): Promise<Generation> {
  const { definition, ports, tuning } = options
  const { leases, ids } = ports
  const { leaseMs, rebuildBatchSize, rebuildPartitions, graceMs } = tuning
  const { generation } = await rebuildAlone(
    { projection: definition.name, leases, ids, leaseMs, signals: [signal] },
    (ended) =>
      buildGeneration({
        ...options,
        planner,
        batchSize: rebuildBatchSize,
        partitions: rebuildPartitions,
        graceMs,
        isFresh: false,
        signal: ended,
        // A stop or a server that is away ends it for now: whoever starts next goes on.
        keepsAfter: (error) => !isOfHandlers(error),
        onError: definition.onError ?? 'dead-letter',
        onProgress: () => undefined,
      }),
  )
  return generation
}

/** Other handlers are needed to get past it, and what these made so far is of no use then. */
function isOfHandlers(error: unknown): boolean {
  return (
    error instanceof ProjectionHandlerError ||
    error instanceof DocumentRefusedError ||
    error instanceof DeadLetterLimitError
  )
}
