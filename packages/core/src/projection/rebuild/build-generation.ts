import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import type { Generation, GenerationRecord } from '../../read-model/generation.ts'
import { SegmentGoneError } from '../../read-model/read-model-errors.ts'
import type { Checkpoint, ReadModelStore } from '../../read-model/read-model-store.ts'
import { catchUp } from './catch-up.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { nextGeneration, openGenerations } from '../generations.ts'
import type { EventWriter } from '../write/event-writer.ts'
import { openWriter } from '../write/open-writer.ts'
import type { ProjectionDefinition, ProjectionErrorPolicy } from '../projection-definition.ts'
import { ProjectionHaltedError } from '../projection-errors.ts'
import { ProjectionMeter } from '../projection-meter.ts'
import type { ProjectionPorts, ProjectionTuning } from '../projection-ports.ts'
import { ProgressMeter, type RebuildProgress } from './rebuild-progress.ts'
import { segmentsOf } from '../share/segment-shaper.ts'

/** Options of {@link buildGeneration}. */
export interface BuildOptions {
  readonly definition: ProjectionDefinition
  readonly planner: FoldPlanner
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly circuit: CircuitBreaker
  readonly batchSize: number
  /** Cancels: the new generation is dropped and readers stay where they are. */
  readonly signal: AbortSignal | undefined
  /** What becomes of an event that fails: `halt` ends the rebuild with its error, without trying it again. */
  readonly onError: ProjectionErrorPolicy
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
    const writer = await openWriter({
      ...options,
      generation,
      tuning: {
        ...options.tuning,
        retryDelaysMs: options.onError === 'halt' ? [] : options.tuning.retryDelaysMs,
      },
      meter: new ProjectionMeter(),
      onRetry: ignore,
    })
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
    await takeAll(readModels, old).catch(() => undefined)
    meter.advance(0, writer.segment.position, 'done')
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
  writer: EventWriter,
  meter: ProgressMeter,
  old: Generation,
): Promise<void> {
  const { readModels } = options.ports
  for (let isAlone = false; !isAlone;) {
    const fence = await takeAll(readModels, old)
    await replay(options, writer, meter, 'switching')
    // The old generation's checkpoint may be ahead by events the projection does not ask for.
    const positions = fence.map(({ position }) => position ?? -1n)
    const furthest = positions.reduce((most, one) => (one > most ? one : most), -1n)
    if (furthest >= 0n) await write(writer, [], furthest)
    isAlone = areSame(await readModels.checkpoints(old), fence)
  }
}

/** Takes every segment of a generation over, so that whoever writes one is refused. */
async function takeAll(
  store: ReadModelStore,
  generation: Generation,
): Promise<readonly Checkpoint[]> {
  for (;;) {
    const taken: Checkpoint[] = []
    try {
      for (const slots of await segmentsOf(store, generation))
        taken.push(await store.takeCheckpoint(generation, slots))
      return taken
    } catch (error) {
      // A worker split or merged segments at the same moment.
      if (!(error instanceof SegmentGoneError)) throw error
    }
  }
}

function areSame(found: readonly Checkpoint[], taken: readonly Checkpoint[]): boolean {
  return (
    found.length === taken.length &&
    found.every(({ id, epoch }, index) => id === taken[index]?.id && epoch === taken[index].epoch)
  )
}

async function write(
  writer: EventWriter,
  events: readonly RecordedEvent[],
  position: bigint,
): Promise<void> {
  try {
    await writer.write(events, position, neverRaised)
    if (writer.choreAt !== undefined && writer.choreAt <= Date.now()) await writer.doChores()
  } catch (error) {
    // A rebuild ends with what ended it.
    throw error instanceof ProjectionHaltedError ? error.cause : error
  }
}

const neverRaised = new AbortController().signal

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
  { definition, planner, ports, batchSize, signal }: BuildOptions,
  writer: EventWriter,
  meter: ProgressMeter,
  phase: RebuildProgress['phase'],
): Promise<void> {
  await catchUp({
    projection: definition.name,
    eventStore: ports.eventStore,
    types: planner.types,
    after: writer.segment.position,
    batchSize,
    signal,
    onBatch: async ({ events, position }) => {
      if (position !== undefined) await write(writer, events, position)
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
