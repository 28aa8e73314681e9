import type { Generation, GenerationRecord } from '../read-model/generation.ts'
import type { BatchFold } from './batch-fold.ts'
import { catchUp } from './catch-up.ts'
import { GenerationWriter } from './generation-writer.ts'
import { nextGeneration, openGenerations } from './generations.ts'
import type { ProjectionDefinition } from './projection-definition.ts'
import type { ProjectionPorts } from './projection-ports.ts'
import { ProgressMeter, type RebuildProgress } from './rebuild-progress.ts'

/** Options of {@link buildGeneration}. */
export interface BuildOptions {
  readonly definition: ProjectionDefinition
  readonly fold: BatchFold
  readonly ports: ProjectionPorts
  readonly batchSize: number
  /** Cancels: the new generation is dropped and readers stay where they are. */
  readonly signal: AbortSignal | undefined
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Runs when the replay has caught up: whoever feeds the active generation stops, so that it moves no more. */
  readonly beforeSwitch?: () => Promise<void>
}

/** What a rebuild did. */
export interface BuildResult {
  readonly generation: Generation
  readonly events: number
  readonly durationMs: number
}

/**
 * Builds the next generation of a projection by replay, beside the active one, and switches readers to it.
 *
 * The switch is one change of the alias record, made when the new generation has everything the active one
 * has. The old one is kept as `previous` until the next build. On failure the new one is dropped.
 *
 * @throws {RebuildCancelledError} The signal was raised.
 * @throws {GenerationConflictError} Another process changed the generations meanwhile.
 */
export async function buildGeneration(options: BuildOptions): Promise<BuildResult> {
  const { definition, ports } = options
  const { readModels } = ports
  const found = await openGenerations(readModels, definition)
  // Numbered before the leftovers go: whoever still fills one of them must not meet the new one.
  const generation = nextGeneration(found, definition)
  const record = await discardLeftovers(options, found)
  const building = await save(options, { ...record, building: generation })
  try {
    await readModels.create(generation, definition.models)
    const writer = await GenerationWriter.open(generation, options.fold, readModels)
    const meter = await ProgressMeter.start(definition.name, ports, options.onProgress ?? ignore)
    await replay(options, writer, meter, 'replaying')
    await options.beforeSwitch?.()
    const old = building.active as Generation
    await overtake(options, writer, meter, old)
    await save(options, {
      ...building,
      active: generation,
      previous: building.active,
      building: undefined,
    })
    // Who still writes the old one is refused at its next commit, instead of finding out later by itself.
    await readModels.takeCheckpoint(old).catch(() => undefined)
    meter.advance(0, writer.position, 'done')
    return { generation, events: meter.events, durationMs: meter.elapsedMs }
  } catch (error) {
    await abandon(options, building, generation).catch((cause: unknown) =>
      ports.logger.warn('A cancelled or failed rebuild is cleaned up by the next one.', {
        projection: definition.name,
        error: cause,
      }),
    )
    throw error
  }
}

/** Replays until the new generation has everything the old one has, and nobody writes the old one any more. */
async function overtake(
  options: BuildOptions,
  writer: GenerationWriter,
  meter: ProgressMeter,
  old: Generation,
): Promise<void> {
  const { readModels } = options.ports
  for (let isAlone = false; !isAlone;) {
    const fence = await readModels.takeCheckpoint(old)
    await replay(options, writer, meter, 'switching')
    // The old generation's checkpoint may be ahead by events the projection does not ask for.
    if (fence.position !== undefined) await writer.write([], fence.position)
    isAlone = (await readModels.checkpoint(old))?.epoch === fence.epoch
  }
}

async function abandon(
  options: BuildOptions,
  building: GenerationRecord,
  generation: Generation,
): Promise<void> {
  const { definition, ports } = options
  // The switch may have been saved although its answer got lost: readers are then on the new generation.
  const found = await ports.readModels.generations(definition.name)
  if (found?.active?.number === generation.number) return
  await ports.readModels.drop(generation, definition.models)
  if (found?.revision === building.revision)
    await save(options, { ...building, building: undefined })
}

async function replay(
  { definition, fold, ports, batchSize, signal }: BuildOptions,
  writer: GenerationWriter,
  meter: ProgressMeter,
  phase: RebuildProgress['phase'],
): Promise<void> {
  await catchUp({
    projection: definition.name,
    eventStore: ports.eventStore,
    types: fold.types,
    after: writer.position,
    batchSize,
    signal,
    onBatch: async ({ events, position }) => {
      if (position !== undefined) await writer.write(events, position)
      meter.advance(events.length, position, phase)
      return true
    },
  })
}

/** Drops what an earlier build left: an unfinished generation, and the one before the active one. */
async function discardLeftovers(
  options: BuildOptions,
  record: GenerationRecord,
): Promise<GenerationRecord> {
  const leftovers = [record.building, record.previous].filter((one) => one !== undefined)
  for (const one of leftovers) await options.ports.readModels.drop(one, options.definition.models)
  if (leftovers.length === 0) return record
  return save(options, { ...record, building: undefined, previous: undefined })
}

async function save({ ports }: BuildOptions, changed: GenerationRecord): Promise<GenerationRecord> {
  const record = { ...changed, revision: changed.revision + 1 }
  await ports.readModels.saveGenerations(record, changed.revision)
  return record
}

function ignore(): void {
  // Nobody asked for progress.
}
