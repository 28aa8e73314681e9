import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import { closeScope } from '../../message/handler-resolver.ts'
import type { Generation } from '../../read-model/generation.ts'
import { FoldPlanner } from '../fold/fold-plan.ts'
import type { ProjectionPorts, ProjectionTuning } from '../projection-ports.ts'
import type { ProjectionRunner } from '../projection-runner.ts'
import { type BuildOptions, type BuildResult, buildGeneration } from './build-generation.ts'
import { idsOfStreams } from './key-fold.ts'
import { rebuildAlone } from './rebuild-alone.ts'
import type { RebuildOptions } from './rebuild-options.ts'
import { ProgressMeter, type RebuildProgress } from './rebuild-progress.ts'
import { repairDocuments, type RepairResult } from './repair-documents.ts'
import { rollBack } from './roll-back.ts'
import { SnapshotDocuments } from './snapshot-documents.ts'
import { verifyProjection, type VerifyResult } from './verify-projection.ts'

/** Options of a rebuild, with somebody who hears of its progress. */
type ReportingOptions = RebuildOptions & {
  readonly onProgress: (progress: RebuildProgress) => void
}

/** What a {@link ProjectionRebuilder} works with. */
export interface RebuilderOptions {
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly circuit: CircuitBreaker
  /** Readers of a projection may be on another generation now. */
  readonly onEnd: (projection: string) => void
  /** Whether runners that stood still are not to go on. */
  readonly isStopping: () => boolean
}

/** Does to the documents of one projection, beside its runner, what only one process does at a time. */
export class ProjectionRebuilder {
  readonly #options: RebuilderOptions

  constructor(options: RebuilderOptions) {
    this.#options = options
  }

  /** Works while no other process rebuilds the projection. */
  alone<Result>(
    { definition }: ProjectionRunner,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { leases, ids } = this.#options.ports
    const { leaseMs } = this.#options.tuning
    return rebuildAlone(
      { projection: definition.name, leases, ids, leaseMs, signals: [signal] },
      work,
    )
  }

  /** Builds a generation, and switches readers to it. */
  build(
    runner: ProjectionRunner,
    options: ReportingOptions,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    return this.#withPlanner(runner, (planner, standStill) =>
      buildGeneration(this.#buildOptions(runner, planner, options, signal), standStill),
    )
  }

  /** Folds again, and tells what would change. */
  verify(
    runner: ProjectionRunner,
    options: ReportingOptions,
    signal: AbortSignal,
  ): Promise<VerifyResult> {
    return this.#withPlanner(runner, async (planner) =>
      verifyProjection({
        ...this.#buildOptions(runner, planner, options, signal),
        keys: await this.#keysOf(planner, options),
        limit: options.differences ?? 100,
      }),
    )
  }

  /** Folds single documents again, in place. */
  async repair(
    runner: ProjectionRunner,
    options: ReportingOptions,
    signal: AbortSignal,
  ): Promise<RepairResult> {
    const { definition } = runner
    const { ports, tuning } = this.#options
    const meter = await ProgressMeter.start(definition.name, ports, options.onProgress)
    const batchSize = options.batch ?? tuning.rebuildBatchSize
    return this.#withPlanner(runner, async (planner, standStill) => {
      const keys = (await this.#keysOf(planner, options)) ?? []
      const how = { batchSize, signal, meter, standStill }
      return repairDocuments({ definition, planner, ports, keys, ...how })
    })
  }

  /** Moves readers to the generation before. */
  rollBack(runner: ProjectionRunner, signal: AbortSignal): Promise<Generation> {
    const { ports, tuning, circuit } = this.#options
    const { definition } = runner
    return this.#withPlanner(runner, async (planner, standStill) => {
      await standStill()
      return rollBack({ definition, planner, ports, tuning, circuit, signal })
    })
  }

  async #keysOf(
    planner: FoldPlanner,
    { keys, streams }: RebuildOptions,
  ): Promise<readonly string[] | undefined> {
    if (!streams) return keys
    return [
      ...(keys ?? []),
      ...(await idsOfStreams(this.#options.ports.eventStore, planner, streams)),
    ]
  }

  #buildOptions(
    { definition }: ProjectionRunner,
    planner: FoldPlanner,
    options: ReportingOptions,
    signal: AbortSignal,
  ): BuildOptions {
    const { ports, tuning, circuit } = this.#options
    const isFromSnapshots = options.from === 'snapshots'
    return {
      definition,
      planner,
      ports,
      tuning,
      circuit,
      onError: options.onError ?? 'halt',
      batchSize: options.batch ?? tuning.rebuildBatchSize,
      partitions: options.partitions ?? tuning.rebuildPartitions,
      graceMs: options.graceMs ?? tuning.graceMs,
      isFresh: isFromSnapshots || (options.restart ?? false),
      ...(isFromSnapshots && { seeds: new SnapshotDocuments({ definition, planner, ports }) }),
      signal,
      keepsAfter: () => false,
      onProgress: options.onProgress,
    }
  }

  /** Has the runner, where it was made to stand still, go on afterwards. */
  async #withPlanner<Result>(
    runner: ProjectionRunner,
    work: (planner: FoldPlanner, standStill: () => Promise<void>) => Promise<Result>,
  ): Promise<Result> {
    const { definition } = runner
    const scope = this.#options.ports.resolver.open()
    let goOn = (): void => undefined
    const standStill = async (): Promise<void> => {
      if (runner.status.state !== 'stopped') goOn = () => runner.start()
      await runner.stop()
    }
    try {
      return await work(new FoldPlanner(definition, this.#options.ports.codec, scope), standStill)
    } finally {
      this.#options.onEnd(definition.name)
      if (!this.#options.isStopping()) goOn()
      await closeScope(scope, this.#options.ports.logger)
    }
  }
}
