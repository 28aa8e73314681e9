import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import type { ApplicationModel, ReadModelRoute } from '../model/application-model.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'
import type { BuildResult } from './rebuild/build-generation.ts'
import { openGenerations } from './generations.ts'
import {
  ConsistencyLevelError,
  SnapshotRebuildRefusedError,
  UnknownProjectionError,
} from './projection-errors.ts'
import { ProjectionDeadLetters } from './projection-dead-letters.ts'
import { type ProjectionPorts, type ProjectionTuning, resolveTuning } from './projection-ports.ts'
import { ProjectionRunner } from './projection-runner.ts'
import type { ProjectionStatus } from './projection-status.ts'
import { checkSafety } from './write/check-safety.ts'
import { storeCircuit } from './write/store-circuit.ts'
import { joinRebuild } from './rebuild/join-rebuild.ts'
import { ProjectionRebuilder } from './rebuild/projection-rebuilder.ts'
import { Rebuild, type RebuildWork } from './rebuild/rebuild-handle.ts'
import { checkRebuildOptions, type RebuildOptions } from './rebuild/rebuild-options.ts'
import type { RepairResult } from './rebuild/repair-documents.ts'
import type { VerifyResult } from './rebuild/verify-projection.ts'

/** Which documents are folded again, where it is not all of them. */
type SomeDocuments = { readonly keys: readonly string[] } | { readonly streams: readonly string[] }

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
  readonly #rebuilder: ProjectionRebuilder
  #stopping = new AbortController()

  constructor(model: ApplicationModel, ports: ProjectionPorts, tuning: ProjectionTuning = {}) {
    this.#ports = ports
    this.#tuning = resolveTuning(tuning, ports.ids)
    this.#circuit = storeCircuit(ports.clock, ports.logger)
    this.#rebuilder = new ProjectionRebuilder({
      ports,
      tuning: this.#tuning,
      circuit: this.#circuit,
      onEnd: (name) => void this.#known.delete(name),
      isStopping: () => this.#stopping.signal.aborted,
    })
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
   * Rebuilds a projection's read models by replay while readers stay on the old ones, then switches. The same rebuild
   * that is under way already, here or in another process, is joined; one whose process died is gone on with.
   *
   * @returns To be awaited for its result, and iterated for its progress. With `keys`, documents are repaired in place;
   *   with `verify`, nothing changes, and the result is what would.
   * @throws {InvalidRebuildOptionsError} An option is not what it can be.
   * @throws {RebuildCancelledError} It was cancelled, or the projections were stopped.
   * @throws {RebuildRunningError} Something else is being rebuilt, here or in another process.
   * @throws {RepairRefusedError} Single documents cannot be folded by themselves.
   * @throws {OutdatedProjectionError} Readers are on a later version.
   * @throws {SnapshotRebuildRefusedError} It cannot be rebuilt from snapshots.
   */
  rebuild(name: string, options: RebuildOptions & { readonly verify: true }): Rebuild<VerifyResult>
  rebuild(
    name: string,
    options: RebuildOptions & SomeDocuments & { readonly verify?: false },
  ): Rebuild<RepairResult>
  rebuild(name: string, options?: RebuildOptions): Rebuild<BuildResult>
  rebuild(
    name: string,
    options: RebuildOptions = {},
  ): Rebuild<BuildResult | RepairResult | VerifyResult> {
    return this.#begin(options, async (signal, onProgress) => {
      const runner = this.runner(name)
      checkRebuildOptions(name, options)
      const { definition } = runner
      const rebuilder = this.#rebuilder
      const { keys, streams, verify = false } = options
      const isOfSome = keys !== undefined || streams !== undefined
      if (isOfSome && options.from === 'snapshots')
        throw new SnapshotRebuildRefusedError(name, 'single documents are folded from events')
      if (verify || isOfSome)
        return rebuilder.alone(runner, signal, (ended): Promise<RepairResult | VerifyResult> => {
          const reporting = { ...options, onProgress }
          return isOfSome && !verify
            ? rebuilder.repair(runner, reporting, ended)
            : rebuilder.verify(runner, reporting, ended)
        })
      return joinRebuild({ definition, ports: this.#ports, signal, onProgress }, (isDone) =>
        rebuilder.alone(
          runner,
          signal,
          async (ended) =>
            (await isDone()) ?? rebuilder.build(runner, { ...options, onProgress }, ended),
        ),
      )
    })
  }

  /**
   * Rebuilds all projections, one after the other.
   *
   * @returns To be awaited for the results, by the names of the projections, and iterated for the progress of each.
   */
  rebuildAll(options: RebuildOptions = {}): Rebuild<ReadonlyMap<string, BuildResult>> {
    return this.#begin(options, async (signal, onProgress) => {
      const results = new Map<string, BuildResult>()
      for (const name of this.#runners.keys())
        results.set(name, await this.rebuild(name, { ...options, signal, onProgress }))
      return results
    })
  }

  /**
   * Moves readers back to the generation before the last switch, which was kept up to date since; rolled back again,
   * they are where they were. Where that was other code, no process rebuilds with it again by itself.
   *
   * @returns What readers see now.
   * @throws {NothingToRollBackError} It is not there any more, or other code built it.
   * @throws {RebuildRunningError} It is being rebuilt right now.
   */
  async rollback(name: string): Promise<Generation> {
    const runner = this.runner(name)
    return this.#track(
      this.#rebuilder.alone(runner, this.#stopping.signal, (signal) =>
        this.#rebuilder.rollBack(runner, signal),
      ),
    )
  }

  #begin<Result>(
    { signal, onProgress }: RebuildOptions,
    work: RebuildWork<Result>,
  ): Rebuild<Result> {
    const stopping = this.#stopping.signal
    return new Rebuild(
      (ended, report) =>
        this.#track(
          work(ended, (progress) => {
            report(progress)
            onProgress?.(progress)
          }),
        ),
      signal ? AbortSignal.any([signal, stopping]) : stopping,
    )
  }

  /** {@link stop} waits for it. */
  async #track<Result>(work: Promise<Result>): Promise<Result> {
    this.#rebuilds.add(work)
    return work.finally(() => this.#rebuilds.delete(work))
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
