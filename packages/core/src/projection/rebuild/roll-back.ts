import type { Generation } from '../../read-model/generation.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { openGenerations } from '../generations.ts'
import { codeOf, isBuiltBy } from '../projection-code.ts'
import { NothingToRollBackError } from '../projection-errors.ts'
import { ProjectionMeter } from '../projection-meter.ts'
import { catchUp } from './catch-up.ts'
import { GenerationWriters } from './generation-writers.ts'
import type { KeepOptions } from './generation-keeper.ts'
import { switchReaders } from './switch-readers.ts'

/** What {@link rollBack} needs. */
export interface RollBackOptions extends KeepOptions {
  readonly planner: FoldPlanner
  readonly signal: AbortSignal
}

/**
 * Moves readers back to the generation before the last switch, once that has everything the active one has. Rolled
 * back again, they are where they were.
 *
 * @throws {NothingToRollBackError} It is not there any more, or other code built it.
 */
export async function rollBack(options: RollBackOptions): Promise<Generation> {
  const { definition, ports, tuning, planner, signal } = options
  const record = await openGenerations(ports.readModels, definition)
  const target = record.previous
  if (!target)
    throw new NothingToRollBackError(
      definition.name,
      'it was not rebuilt yet, or the generation before is dropped by now. Rebuild it instead',
    )
  if (!isBuiltBy(record, target, codeOf(definition)))
    throw new NothingToRollBackError(
      definition.name,
      `version ${target.version} built the generation before, and this process has version ${definition.version} or another shape, which cannot bring it up to date. Roll back where the code of that version runs`,
    )
  const writers = await GenerationWriters.open({
    ...options,
    generation: target,
    planner,
    meter: new ProjectionMeter(),
    onError: definition.onError ?? 'dead-letter',
    onRetry: () => undefined,
  })
  const { name: projection } = definition
  const { eventStore } = ports
  await switchReaders({
    definition,
    ports,
    target,
    role: 'previous',
    graceMs: tuning.graceMs,
    catchUp: async (atLeast) => {
      await catchUp({
        projection,
        eventStore,
        types: planner.types,
        after: writers.position,
        batchSize: tuning.rebuildBatchSize,
        signal,
        onBatch: async ({ events, position }) => {
          if (position !== undefined) await writers.write(events, position)
          return true
        },
      })
      if (atLeast > (writers.position ?? -1n)) await writers.write([], atLeast)
    },
  })
  return target
}
