import type { ApplicationModel, ReadModelRoute } from '../model/application-model.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'
import { BatchFold } from './batch-fold.ts'
import { type BuildResult, buildGeneration } from './build-generation.ts'
import { openGenerations } from './generations.ts'
import {
  ConsistencyLevelError,
  RebuildRunningError,
  UnknownProjectionError,
} from './projection-errors.ts'
import type { ProjectionPorts, ProjectionTuning } from './projection-ports.ts'
import { ProjectionRunner } from './projection-runner.ts'
import type { ProjectionStatus } from './projection-status.ts'
import type { RebuildProgress } from './rebuild-progress.ts'

/** Options of {@link Projections.rebuild}. */
export interface RebuildOptions {
  /** Hears of each batch. */
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Most events of one commit. Default: the application's. */
  readonly batchSize?: number
  /** Raise it to cancel: readers stay where they are, nothing is left behind. */
  readonly signal?: AbortSignal
}

const generationsKnownForMs = 500

/** The projections of an application: starts, watches and rebuilds them. */
export class Projections {
  readonly #ports: ProjectionPorts
  readonly #tuning: Required<ProjectionTuning>
  readonly #runners = new Map<string, ProjectionRunner>()
  readonly #known = new Map<string, { readonly generation: Generation; readonly at: number }>()

  constructor(model: ApplicationModel, ports: ProjectionPorts, tuning: ProjectionTuning = {}) {
    this.#ports = ports
    this.#tuning = {
      batchSize: tuning.batchSize ?? 500,
      rebuildBatchSize: tuning.rebuildBatchSize ?? 2_000,
      leaseMs: tuning.leaseMs ?? 5_000,
      retryDelaysMs: tuning.retryDelaysMs ?? [1_000, 2_000, 4_000, 8_000, 16_000],
      owner: tuning.owner ?? ports.ids.next(),
    }
    for (const definition of model.projections)
      this.#runners.set(definition.name, new ProjectionRunner(definition, ports, this.#tuning))
  }

  /**
   * Starts all projections.
   *
   * @param require Level the server must be able to give. Default: what it can.
   * @throws {ConsistencyLevelError} It cannot.
   */
  async start(require?: ConsistencyLevel): Promise<void> {
    const level = await this.#ports.readModels.level()
    if (require === 'exactly-once' && level !== 'exactly-once')
      throw new ConsistencyLevelError(require, level)
    for (const runner of this.#runners.values()) runner.start()
  }

  /** Finishes the commits under way and stops all projections. */
  async stop(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()))
  }

  /** Tells what each projection is doing. */
  status(): readonly ProjectionStatus[] {
    return [...this.#runners.values()].map((runner) => runner.status)
  }

  /**
   * Returns the runner of a projection.
   *
   * @throws {UnknownProjectionError}
   */
  runner(name: string): ProjectionRunner {
    const runner = this.#runners.get(name)
    if (!runner) throw new UnknownProjectionError(name, [...this.#runners.keys()])
    return runner
  }

  /**
   * Rebuilds a projection's read models by replay while readers stay on the old ones, then switches.
   *
   * @throws {RebuildRunningError} It is being rebuilt already, here or in another process.
   * @throws {RebuildCancelledError} The signal was raised.
   */
  async rebuild(name: string, options: RebuildOptions = {}): Promise<BuildResult> {
    const runner = this.runner(name)
    const { definition } = runner
    const lease = await this.#ports.leases.acquire(
      `rebuild:${name}`,
      this.#ports.ids.next(),
      60_000,
    )
    if (!lease) throw new RebuildRunningError(name)
    const renewing = setInterval(() => {
      this.#ports.leases.renew(lease, 60_000).catch(() => undefined)
    }, 20_000)
    const scope = this.#ports.resolver.open()
    const wasRunning = runner.status.state !== 'stopped'
    try {
      return await buildGeneration({
        definition,
        fold: new BatchFold(definition, this.#ports.codec, scope),
        ports: this.#ports,
        batchSize: options.batchSize ?? this.#tuning.rebuildBatchSize,
        signal: options.signal,
        ...(options.onProgress && { onProgress: options.onProgress }),
        beforeSwitch: () => runner.stop(),
      })
    } finally {
      clearInterval(renewing)
      this.#known.delete(name)
      if (wasRunning) runner.start()
      await scope.close()
      await this.#ports.leases.release(lease)
    }
  }

  /** Names the generation of a read model that readers see, at most half a second late. */
  async activeGeneration({ projection }: ReadModelRoute): Promise<Generation> {
    const now = this.#ports.clock.now().getTime()
    const known = this.#known.get(projection.name)
    if (known && now - known.at < generationsKnownForMs) return known.generation
    const { active } = await openGenerations(this.#ports.readModels, projection)
    const generation = active as Generation
    this.#known.set(projection.name, { generation, at: now })
    return generation
  }

  /** Opens a read model as it is now. */
  async liveView(route: ReadModelRoute): Promise<unknown> {
    return this.#ports.readModels.view(await this.activeGeneration(route), route.model)
  }
}
