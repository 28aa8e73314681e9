import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import { closeScope } from '../message/handler-resolver.ts'
import type { ApplicationModel, ReadModelRoute } from '../model/application-model.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'
import { type BuildResult, buildGeneration } from './rebuild/build-generation.ts'
import { FoldPlanner } from './fold/fold-plan.ts'
import { openGenerations } from './generations.ts'
import type { ProjectionErrorPolicy } from './projection-definition.ts'
import { ConsistencyLevelError, UnknownProjectionError } from './projection-errors.ts'
import { ProjectionDeadLetters } from './projection-dead-letters.ts'
import { type ProjectionPorts, type ProjectionTuning, resolveTuning } from './projection-ports.ts'
import { ProjectionRunner } from './projection-runner.ts'
import type { ProjectionStatus } from './projection-status.ts'
import { checkSafety } from './write/check-safety.ts'
import { storeCircuit } from './write/store-circuit.ts'
import { rebuildAlone } from './rebuild/rebuild-alone.ts'
import type { RebuildProgress } from './rebuild/rebuild-progress.ts'

/** Options of {@link Projections.rebuild}. */
export interface RebuildOptions {
  /** Hears of each batch. */
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Most events of one commit. Default: the application's. */
  readonly batchSize?: number
  /** What becomes of an event that fails: it ends the rebuild, or goes to dead letters. Default `halt`. */
  readonly onError?: ProjectionErrorPolicy
  /** Raise it to cancel: readers stay where they are, nothing is left behind. */
  readonly signal?: AbortSignal
}

const generationsKnownForMs = 500

interface KnownGeneration {
  readonly active: Promise<Generation>
  /** In milliseconds of a clock that never goes back. */
  readonly at: number
}

/** The projections of an application: starts, watches and rebuilds them. */
export class Projections {
  readonly #ports: ProjectionPorts
  readonly #tuning: Required<ProjectionTuning>
  readonly #circuit: CircuitBreaker
  readonly #runners = new Map<string, ProjectionRunner>()
  readonly #known = new Map<string, KnownGeneration>()
  readonly #rebuilds = new Set<Promise<unknown>>()
  #stopping = new AbortController()

  constructor(model: ApplicationModel, ports: ProjectionPorts, tuning: ProjectionTuning = {}) {
    this.#ports = ports
    this.#tuning = resolveTuning(tuning, ports.ids)
    this.#circuit = storeCircuit(ports.clock, ports.logger)
    for (const definition of model.projections)
      this.#runners.set(
        definition.name,
        new ProjectionRunner({ definition, ports, tuning: this.#tuning, circuit: this.#circuit }),
      )
  }

  /**
   * Starts all projections.
   *
   * @param require Level the server must be able to give. Default: what it can.
   * @throws {ConsistencyLevelError} It cannot.
   * @throws {UnsafeProjectionError} A projection would go wrong at the level of the server.
   */
  async start(require?: ConsistencyLevel): Promise<void> {
    const level = await this.#ports.readModels.level()
    if (require === 'exactly-once' && level !== 'exactly-once')
      throw new ConsistencyLevelError(require, level)
    for (const { definition } of this.#runners.values()) checkSafety(definition, level)
    for (const runner of this.#runners.values()) runner.start()
  }

  /** Finishes the commits under way, cancels rebuilds and stops all projections. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#rebuilds)
    this.#stopping = new AbortController()
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
   * The events a projection could not apply.
   *
   * @throws {UnknownProjectionError}
   */
  deadLetters(name: string): ProjectionDeadLetters {
    const runner = this.runner(name)
    return new ProjectionDeadLetters(runner.definition, this.#ports.readModels, () => runner.wake())
  }

  /**
   * Pauses a projection, in all processes and across restarts, until it is resumed.
   *
   * @throws {UnknownProjectionError}
   */
  async pause(name: string): Promise<void> {
    await this.runner(name).pause()
  }

  /**
   * Ends a pause.
   *
   * @throws {UnknownProjectionError}
   */
  async resume(name: string): Promise<void> {
    await this.runner(name).resume()
  }

  /**
   * Rebuilds a projection's read models by replay while readers stay on the old ones, then switches.
   *
   * @throws {RebuildRunningError} It is being rebuilt already, here or in another process.
   * @throws {RebuildCancelledError} The signal was raised, or the projections were stopped.
   */
  async rebuild(name: string, options: RebuildOptions = {}): Promise<BuildResult> {
    const runner = this.runner(name)
    const { leases, ids } = this.#ports
    const { signal = new AbortController().signal } = options
    const rebuilding = rebuildAlone(
      {
        projection: name,
        leases,
        ids,
        leaseMs: this.#tuning.leaseMs,
        signals: [signal, this.#stopping.signal],
      },
      (ended) => this.#build(runner, options, ended),
    )
    this.#rebuilds.add(rebuilding)
    return rebuilding.finally(() => this.#rebuilds.delete(rebuilding))
  }

  async #build(
    runner: ProjectionRunner,
    options: RebuildOptions,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    const { definition } = runner
    const scope = this.#ports.resolver.open()
    let goOn = (): void => undefined
    try {
      return await buildGeneration({
        definition,
        planner: new FoldPlanner(definition, this.#ports.codec, scope),
        ports: this.#ports,
        tuning: this.#tuning,
        circuit: this.#circuit,
        onError: options.onError ?? 'halt',
        batchSize: options.batchSize ?? this.#tuning.rebuildBatchSize,
        signal,
        ...(options.onProgress && { onProgress: options.onProgress }),
        beforeSwitch: async () => {
          if (runner.status.state !== 'stopped') goOn = () => runner.start()
          await runner.stop()
        },
      })
    } finally {
      this.#known.delete(definition.name)
      if (!this.#stopping.signal.aborted) goOn()
      await closeScope(scope, this.#ports.logger)
    }
  }

  /**
   * Waits until a position is in a projection's read models, whatever generation they are in by then.
   *
   * @throws {ProjectionLagError} It took longer than `timeoutMs`.
   * @throws {ProjectionHaltedError} The projection has given up.
   */
  async waitFor(name: string, position: bigint, timeoutMs: number): Promise<void> {
    await this.runner(name).waitFor(position, timeoutMs)
    // The position may be in a generation that another process has switched to meanwhile.
    this.#known.delete(name)
  }

  /** Names the generation of a read model that readers see, at most half a second late. */
  async activeGeneration({ projection }: ReadModelRoute): Promise<Generation> {
    const at = performance.now()
    const known = this.#known.get(projection.name)
    if (known && at - known.at < generationsKnownForMs) return known.active
    const active = openGenerations(this.#ports.readModels, projection).then(
      (record) => record.active as Generation,
    )
    const reading = { active, at }
    this.#known.set(projection.name, reading)
    active.catch(() => {
      if (this.#known.get(projection.name) === reading) this.#known.delete(projection.name)
    })
    return active
  }

  /** Opens a read model as it is now. */
  async liveView(route: ReadModelRoute): Promise<unknown> {
    return this.#ports.readModels.view(await this.activeGeneration(route), route.model)
  }
}
