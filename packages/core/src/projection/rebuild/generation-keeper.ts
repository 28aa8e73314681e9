import { isRaised, pause } from '../../bus/pause.ts'
import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import type { Lease } from '../../lease/lease-store.ts'
import { closeScope } from '../../message/handler-resolver.ts'
import type { Generation, GenerationRecord } from '../../read-model/generation.ts'
import { FoldPlanner } from '../fold/fold-plan.ts'
import { followLog } from '../follow/follow-log.ts'
import { changeGenerations } from '../generations.ts'
import { codeOf, isBuiltBy, standingOf } from '../projection-code.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { RebuildRunningError } from '../projection-errors.ts'
import { ProjectionMeter } from '../projection-meter.ts'
import type { ProjectionPorts, ProjectionTuning } from '../projection-ports.ts'
import { startHeartbeat } from '../share/heartbeat.ts'
import { GenerationWriters } from './generation-writers.ts'
import { rebuildAlone } from './rebuild-alone.ts'
import { rebuildByItself } from './rebuild-by-itself.ts'
import { dropTarget } from './rebuild-target.ts'
import { leftoversOf, sweep } from './sweep.ts'

/** What {@link GenerationKeeper} needs. */
export interface KeepOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly circuit: CircuitBreaker
}

const notBefore = 20

/**
 * Looks after the generations readers do not see: keeps the one before a switch up to date for its grace time, in one
 * process that has its code, and drops it then; goes on with a rebuild whose process died; drops what nobody needs.
 */
export class GenerationKeeper {
  readonly #options: KeepOptions
  #end: () => void = () => undefined
  #wake: () => void = () => undefined

  constructor(options: KeepOptions) {
    this.#options = options
  }

  /** Looks again at once. */
  wake(): void {
    this.#end()
    this.#wake()
  }

  /** Works until the signal is raised. */
  async run(signal: AbortSignal): Promise<void> {
    const { ports, definition, tuning } = this.#options
    while (!signal.aborted) {
      let again: number | undefined
      try {
        again = await this.#round(signal)
      } catch (error) {
        const { name: projection } = definition
        if (!isRaised(signal))
          ports.logger.warn('Looking after the generations of a projection failed.', {
            projection,
            error,
          })
      }
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      const inMs = again === undefined ? Infinity : again - ports.clock.now().getTime()
      await pause(
        Math.max(notBefore, Math.min(tuning.leaseMs, inMs)),
        AbortSignal.any([signal, woken.signal]),
      )
    }
  }

  /** Returns when there is something to do next, in milliseconds since the epoch, where that is known. */
  async #round(signal: AbortSignal): Promise<number | undefined> {
    const { ports, definition, tuning } = this.#options
    const record = await ports.readModels.generations(definition.name)
    if (!record?.active) return undefined
    if (record.building && (await this.#finish(record, record.building, signal))) return 0
    if (record.previous && this.#isOver(record)) await this.#letGo(record.previous)
    else if (leftoversOf(record, definition).length === 0) {
      const { previous } = record
      const isOurs = previous && isBuiltBy(record, previous, codeOf(definition))
      if (isOurs && !record.isPaused) await this.#keep(previous, signal)
      return record.keptUntil?.getTime()
    }
    return sweep(ports, definition, tuning.leaseMs)
  }

  /** Goes on with a rebuild whose process died. Returns whether it was one for this process, and is over. */
  async #finish(
    record: GenerationRecord,
    building: Generation,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { ports, definition, tuning } = this.#options
    const code = codeOf(definition)
    // Of later code than readers are on, the workers take care.
    const isOurs = isBuiltBy(record, building, code) && standingOf(record, code) === 'current'
    if (record.isPaused || (!isOurs && !record.isTrial)) return false
    const scope = ports.resolver.open()
    try {
      if (record.isTrial) {
        const { leaseMs } = tuning
        const { leases, ids } = ports
        const alone = { projection: definition.name, leases, ids, leaseMs, signals: [signal] }
        await rebuildAlone(alone, () => dropTarget({ definition, ports, leaseMs }, building))
      } else {
        const planner = new FoldPlanner(definition, ports.codec, scope)
        await rebuildByItself({ ...this.#options, planner, signal, onError: 'halt' })
      }
      return true
    } catch (error) {
      if (error instanceof RebuildRunningError) return false
      throw error
    } finally {
      await closeScope(scope, ports.logger)
    }
  }

  #isOver({ keptUntil }: GenerationRecord): boolean {
    return keptUntil !== undefined && keptUntil <= this.#options.ports.clock.now()
  }

  async #letGo(previous: Generation): Promise<void> {
    const { ports, definition } = this.#options
    await changeGenerations(ports.readModels, definition, (record) =>
      record.previous?.number === previous.number && this.#isOver(record)
        ? { ...record, previous: undefined, keptUntil: undefined }
        : undefined,
    )
  }

  /** Keeps it up to date while it is kept and nobody else does. */
  async #keep(previous: Generation, signal: AbortSignal): Promise<void> {
    const { ports, definition, tuning } = this.#options
    const name = `previous:${definition.name}`
    const lease = await ports.leases.acquire(name, `${tuning.owner}.previous`, tuning.leaseMs)
    if (!lease) return
    const ended = new AbortController()
    this.#end = () => ended.abort()
    const heart = startHeartbeat(tuning.leaseMs / 3, () => this.#look(previous, lease))
    try {
      await this.#follow(previous, AbortSignal.any([signal, ended.signal]))
    } finally {
      this.#end = () => undefined
      await heart.stop()
      await ports.leases.release(lease).catch(() => undefined)
    }
  }

  async #look(previous: Generation, lease: Lease): Promise<void> {
    const { ports, definition, tuning } = this.#options
    try {
      const isHeld = await ports.leases.renew(lease, tuning.leaseMs)
      const record = await ports.readModels.generations(definition.name)
      const isKept = record?.previous?.number === previous.number && !this.#isOver(record)
      if (!isHeld || !isKept || record.isPaused) this.#end()
    } catch {
      // A server that is away for a while is met by the writers too, and checkpoints fence.
    }
  }

  async #follow(previous: Generation, signal: AbortSignal): Promise<void> {
    const { ports, definition, tuning } = this.#options
    const scope = ports.resolver.open()
    try {
      const planner = new FoldPlanner(definition, ports.codec, scope)
      const { writers } = await GenerationWriters.open({
        ...this.#options,
        generation: previous,
        planner,
        meter: new ProjectionMeter(),
        onError: definition.onError ?? 'dead-letter',
        onRetry: () => undefined,
      })
      await followLog({
        projection: definition.name,
        eventStore: ports.eventStore,
        types: planner.types,
        writers,
        batchSize: tuning.batchSize,
        signal,
        onOpen: () => undefined,
        onBatch: () => undefined,
        between: () => Promise.resolve(false),
      })
    } finally {
      await closeScope(scope, ports.logger)
    }
  }
}
