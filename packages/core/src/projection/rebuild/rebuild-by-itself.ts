import { DocumentRefusedError } from '../../read-model/read-model-errors.ts'
import type { Generation } from '../../read-model/generation.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import type { ProjectionErrorPolicy } from '../projection-definition.ts'
import { DeadLetterLimitError, ProjectionHandlerError } from '../projection-errors.ts'
import { buildGeneration } from './build-generation.ts'
import type { KeepOptions } from './generation-keeper.ts'
import { rebuildAlone } from './rebuild-alone.ts'

/** How a rebuild nobody waits for is done. */
export interface UnattendedOptions extends KeepOptions {
  readonly planner: FoldPlanner
  readonly signal: AbortSignal
  readonly onError: ProjectionErrorPolicy
}

/**
 * Rebuilds without anybody asking for it: for changed code, or because the process that did it died. What ends it for
 * now, such as a stop or a server that is away, leaves what is done for whoever starts next.
 *
 * @throws {RebuildRunningError} Another one is at work.
 */
export async function rebuildByItself(options: UnattendedOptions): Promise<Generation> {
  const { definition, ports, tuning, signal } = options
  const { leases, ids } = ports
  const { leaseMs, rebuildBatchSize, rebuildPartitions, graceMs } = tuning
  const { generation } = await rebuildAlone(
    { projection: definition.name, leases, ids, leaseMs, signals: [signal] },
    (ended) =>
      buildGeneration({
        ...options,
        batchSize: rebuildBatchSize,
        partitions: rebuildPartitions,
        graceMs,
        isFresh: false,
        signal: ended,
        keepsAfter: (error) => !isOfHandlers(error),
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
