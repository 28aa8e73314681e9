import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import type { Generation } from '../../read-model/generation.ts'
import { CheckpointConflictError } from '../../read-model/read-model-errors.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import type { ProjectionDefinition, ProjectionErrorPolicy } from '../projection-definition.ts'
import { RebuildLostError } from '../projection-errors.ts'
import { ProjectionMeter } from '../projection-meter.ts'
import type { ProjectionPorts, ProjectionTuning } from '../projection-ports.ts'
import { catchUp } from './catch-up.ts'
import { GenerationWriters } from './generation-writers.ts'
import { ProgressMeter, type RebuildPhase, type RebuildProgress } from './rebuild-progress.ts'
import { dropTarget, openTarget } from './rebuild-target.ts'
import type { SnapshotDocuments } from './snapshot-documents.ts'
import { switchReaders } from './switch-readers.ts'

/** How a rebuild is to be done. */
export interface BuildOptions {
  readonly definition: ProjectionDefinition
  readonly planner: FoldPlanner
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly circuit: CircuitBreaker
  readonly batchSize: number
  readonly partitions: number
  /** How long the generation readers leave is kept, in milliseconds. */
  readonly graceMs: number
  /** Whether readers will never see it. Default false. */
  readonly isTrial?: boolean
  /** Begins anew where an earlier rebuild got stuck half-way. */
  readonly isFresh: boolean
  /** Cancels. */
  readonly signal: AbortSignal
  /** Whether what is built is kept for the next one to go on with, after this error. */
  readonly keepsAfter: (error: unknown) => boolean
  /** What becomes of an event that fails: `halt` ends the rebuild with its error, without trying it again. */
  readonly onError: ProjectionErrorPolicy
  readonly onProgress: (progress: RebuildProgress) => void
  /** What need not be folded from events. Default: all is. */
  readonly seeds?: SnapshotDocuments
}

/** What a rebuild did. */
export interface BuildResult {
  readonly generation: Generation
  /** Events this process replayed; 0 where another one did the rebuild. */
  readonly events: number
  /** Documents made from a snapshot of their aggregate, and not from its first event. */
  readonly snapshots: number
  readonly durationMs: number
}

/** A generation that has been filled, and what fills it further. */
export interface FilledGeneration {
  readonly generation: Generation
  readonly meter: ProgressMeter
  /** Brings it to the end of the log as of now, and to this position at least. */
  catchUp(atLeast: bigint, phase: RebuildPhase): Promise<void>
}

/**
 * Builds the next generation of a projection by replay, beside the active one, and switches readers to it.
 *
 * @param beforeSwitch Runs when the replay has caught up: whoever feeds the active generation here stops.
 * @throws {RebuildCancelledError} The signal was raised.
 * @throws {OutdatedProjectionError} Readers are on a later version.
 * @throws {RebuildLostError} Another process took the rebuild over.
 */
export function buildGeneration(
  options: BuildOptions,
  beforeSwitch: () => Promise<void> = () => Promise.resolve(),
): Promise<BuildResult> {
  const { definition, ports, graceMs } = options
  return fillGeneration(options, async (filled) => {
    const { generation, meter } = filled
    meter.advance(0, undefined, 'indexing')
    await ports.readModels.create(generation, definition.models)
    await filled.catchUp(-1n, 'replaying')
    await beforeSwitch()
    await switchReaders({
      definition,
      ports,
      target: generation,
      role: 'building',
      graceMs,
      catchUp: (atLeast) => filled.catchUp(atLeast, 'switching'),
    })
    meter.advance(0, undefined, 'done')
    const snapshots = options.seeds?.taken ?? 0
    return { generation, events: meter.events, snapshots, durationMs: meter.elapsedMs }
  })
}

/**
 * Fills the next generation by replay and hands it on. Where one of the two fails, the generation is dropped, unless
 * it is active by then, another process goes on with it, or it is kept for the next time.
 */
export async function fillGeneration<Result>(
  options: BuildOptions,
  whenFilled: (filled: FilledGeneration) => Promise<Result>,
): Promise<Result> {
  const { definition, ports, tuning, partitions, isFresh, isTrial = false } = options
  const { leaseMs } = tuning
  let generation: Generation | undefined
  try {
    const target = { definition, ports, leaseMs, partitions, isFresh, isTrial }
    generation = await openTarget(target)
    const filling = new Filling(
      options,
      generation,
      await openWriters(options, generation),
      await ProgressMeter.start(definition.name, ports, options.onProgress),
    )
    await filling.seed()
    await filling.catchUp(-1n, 'replaying')
    return await whenFilled(filling)
  } catch (cause) {
    const error = lostTo(cause, definition)
    if (generation && !(error instanceof RebuildLostError) && !options.keepsAfter(error))
      await dropTarget({ definition, ports, leaseMs }, generation).catch((cause: unknown) =>
        ports.logger.warn('A cancelled or failed rebuild is cleaned up by the next one.', {
          projection: definition.name,
          error: cause,
        }),
      )
    throw error
  }
}

/** Whoever has the checkpoints now goes on with the rebuild. */
function lostTo(cause: unknown, { name }: ProjectionDefinition): unknown {
  return cause instanceof CheckpointConflictError ? new RebuildLostError(name) : cause
}

function openWriters(
  { definition: _, ...options }: BuildOptions,
  generation: Generation,
): Promise<GenerationWriters> {
  const { onError, tuning } = options
  return GenerationWriters.open({
    ...options,
    generation,
    tuning: { ...tuning, retryDelaysMs: onError === 'halt' ? [] : tuning.retryDelaysMs },
    meter: new ProjectionMeter(),
    onRetry: ignore,
  })
}

class Filling implements FilledGeneration {
  readonly generation: Generation
  readonly meter: ProgressMeter
  readonly #options: BuildOptions
  readonly #writers: GenerationWriters

  constructor(
    options: BuildOptions,
    generation: Generation,
    writers: GenerationWriters,
    meter: ProgressMeter,
  ) {
    this.#options = options
    this.generation = generation
    this.#writers = writers
    this.meter = meter
    meter.begin(writers.position)
  }

  /**
   * Makes the documents of all aggregates there are from their snapshots and what they have since, where the events
   * are known that find them. What is recorded from now on comes with the log.
   */
  async seed(): Promise<void> {
    const { definition, ports, seeds, batchSize, signal } = this.#options
    const { head } = this.meter
    if (!seeds?.firstTypes || head === undefined) return
    const writers = this.#writers
    await catchUp({
      projection: definition.name,
      eventStore: ports.eventStore,
      types: seeds.firstTypes,
      after: writers.position,
      batchSize,
      signal,
      onBatch: async ({ events, position = -1n, isCaughtUp }) => {
        // Documents made by now need not have what is recorded behind the head.
        const isEnd = isCaughtUp || position >= head
        const reached = isEnd ? head : position
        const before = seeds.folded
        const isWhole = await writers.seed(events, reached)
        this.meter.advance(seeds.folded - before, reached, 'replaying')
        return isWhole && !isEnd
      },
    })
  }

  async catchUp(atLeast: bigint, phase: RebuildPhase): Promise<void> {
    const { definition, planner, ports, batchSize, signal } = this.#options
    await catchUp({
      projection: definition.name,
      eventStore: ports.eventStore,
      types: planner.types,
      after: this.#writers.position,
      batchSize,
      signal,
      onBatch: async ({ events, position }) => {
        if (position !== undefined) await this.#writers.write(events, position)
        this.meter.advance(events.length, position, phase)
        return true
      },
    })
    if (atLeast > (this.#writers.position ?? -1n)) await this.#writers.write([], atLeast)
  }
}

function ignore(): void {
  // An event that is tried again shows in the time it takes.
}
