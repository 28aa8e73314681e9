import { backoffMs, isRaised, pause } from '../bus/pause.ts'
import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import { headOf } from '../event-store/log-head.ts'
import { closeScope } from '../message/handler-resolver.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'
import type { SlotRange } from '../read-model/slots.ts'
import type { EventWriter } from './write/event-writer.ts'
import { FoldPlanner } from './fold/fold-plan.ts'
import { followLog } from './follow/follow-log.ts'
import { openGenerations } from './generations.ts'
import { haltOf } from './halt-of.ts'
import { LagMeter } from './follow/lag-meter.ts'
import { openWriter } from './write/open-writer.ts'
import { codeOf, standingOf } from './projection-code.ts'
import { isShareable, type ProjectionDefinition } from './projection-definition.ts'
import { OutdatedProjectionError, type ProjectionHaltedError } from './projection-errors.ts'
import type { ProjectionMeter } from './projection-meter.ts'
import type { ProjectionPorts, ProjectionTuning } from './projection-ports.ts'
import type { ProjectionState } from './projection-status.ts'
import { rebuildChanged } from './rebuild/rebuild-changed.ts'
import { type Heartbeat, startHeartbeat } from './share/heartbeat.ts'
import { SegmentShaper, segmentsOf } from './share/segment-shaper.ts'
import { WorkerShare } from './share/worker-share.ts'

/** What a worker needs. */
export interface ProjectionWorkerOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly meter: ProjectionMeter
  /** Around the read-model store, shared by all projections. */
  readonly circuit: CircuitBreaker
  /** Name of the worker, unlike that of any other. */
  readonly owner: string
  /** Hears of each new position and state. Must not throw. */
  readonly onChange: () => void
}

/**
 * One worker of a projection: follows the log and keeps its share of the active generation up to date.
 *
 * Whatever fails but a handler is tried again for ever, from the stored checkpoints: each session opens everything
 * anew, so there is one way to start, to recover, and to go on after the work was shared anew.
 */
export class ProjectionWorker {
  readonly lag = new LagMeter()
  readonly #options: ProjectionWorkerOptions
  readonly #share: WorkerShare
  #state: ProjectionState = 'stopped'
  #generation: Generation | undefined
  #level: ConsistencyLevel | undefined
  #writers: readonly EventWriter[] = []
  #position: bigint | undefined
  #lastError: unknown
  #shaper: SegmentShaper | undefined
  #wake: () => void = () => undefined
  #end: () => void = () => undefined

  constructor(options: ProjectionWorkerOptions) {
    const { definition, ports, tuning, owner } = options
    this.#options = options
    this.#share = new WorkerShare({
      projection: definition.name,
      leases: ports.leases,
      owner,
      ttlMs: tuning.leaseMs,
      isShareable: isShareable(definition),
    })
  }

  get name(): string {
    return this.#options.owner
  }

  get state(): ProjectionState {
    return this.#state
  }

  get generation(): Generation | undefined {
    return this.#generation
  }

  get level(): ConsistencyLevel | undefined {
    return this.#level
  }

  /** Whether documents it writes lack events that are dead letters. */
  get holdsLetters(): boolean {
    return this.#writers.some((writer) => writer.holdsLetters)
  }

  get lastError(): unknown {
    return this.#lastError
  }

  /** The slots it writes right now. */
  get slots(): readonly SlotRange[] {
    return this.#writers.map(({ segment }) => segment.checkpoint.slots)
  }

  /** Everything for its slots up to here is in the read models. Undefined: nothing, or it has no slots. */
  get position(): bigint | undefined {
    return this.#position
  }

  /** Ends what the worker waits for: it looks for what is to be done at once. */
  wake(): void {
    for (const writer of this.#writers) writer.expectChores()
    this.#wake()
  }

  /** Begins a new session, which sees whether the projection is paused. */
  recheck(): void {
    this.#end()
    this.#wake()
  }

  /** Works until the signal is raised, or it gives up. */
  async run(signal: AbortSignal): Promise<void> {
    this.#enter('starting')
    const { meter } = this.#options
    for (let failures = 0; !signal.aborted;) {
      const { batches } = meter.metrics
      try {
        await this.#session(signal)
        failures = 0
      } catch (error) {
        if (isRaised(signal)) break
        const halted = haltOf(this.#options.definition, error)
        if (halted) return this.#halt(halted)
        failures = meter.metrics.batches > batches ? 1 : failures + 1
        this.#noteRetry('A projection was interrupted and starts again.', error)
        await this.#share.leave()
        await this.#rest(Math.max(backoffMs(failures), this.#options.circuit.waitMs), signal)
      }
    }
    await this.#share.leave()
    this.#enter('stopped')
  }

  async #halt(error: ProjectionHaltedError): Promise<void> {
    this.#lastError = error
    await this.#share.leave()
    const { definition, ports } = this.#options
    ports.logger.error(error.message, { projection: definition.name, error: error.cause })
    this.#enter('halted')
  }

  /** From looking at the generations to losing a lease, failing, sharing anew or being stopped. */
  async #session(signal: AbortSignal): Promise<void> {
    const { definition, ports, tuning, circuit } = this.#options
    const ended = new AbortController()
    const record = await circuit.run(() => openGenerations(ports.readModels, definition))
    this.#generation = record.active
    this.#level = await ports.readModels.level()
    const isOutdated = standingOf(record, codeOf(definition)) === 'outdated'
    if (record.isPaused || isOutdated) {
      await this.#share.leave()
      if (isOutdated) this.#noteOutdated(record.active as Generation)
      else this.#enter('paused')
      await this.#rest(tuning.leaseMs / 5, signal)
      return
    }
    await this.#share.join()
    this.#end = () => ended.abort()
    const heart = this.#startHeart(this.#end)
    try {
      await this.#work(AbortSignal.any([signal, ended.signal]))
    } finally {
      await heart.stop()
      this.#shaper = undefined
      this.#writers = []
      this.#wake = () => undefined
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { definition, ports } = this.#options
    const scope = ports.resolver.open()
    try {
      const planner = new FoldPlanner(definition, ports.codec, scope)
      const enter = (state: ProjectionState): void => this.#enter(state)
      const current = await rebuildChanged(this.#options, planner, signal, enter)
      if (!current) return
      this.#generation = current
      const segments = await this.#claim(current, signal)
      if (segments.length === 0) return
      this.#writers = await Promise.all(
        segments.map((slots) => this.#open(current, planner, slots)),
      )
      this.#enter('catching-up')
      await this.#follow(planner, signal)
    } finally {
      await closeScope(scope, ports.logger)
    }
  }

  #open(generation: Generation, planner: FoldPlanner, slots: SlotRange): Promise<EventWriter> {
    return openWriter({
      ...this.#options,
      generation,
      planner,
      slots,
      onError: this.#options.definition.onError ?? 'dead-letter',
      onRetry: (error) =>
        this.#noteRetry('A projection is interrupted by an event that fails.', error),
    })
  }

  /** Waits for a share of the work. Empty when the signal was raised first. */
  async #claim(generation: Generation, signal: AbortSignal): Promise<readonly SlotRange[]> {
    const { ports, tuning } = this.#options
    while (!signal.aborted) {
      const segments = await segmentsOf(ports.readModels, generation)
      await this.#share.keepOnly(segments)
      const move = await this.#share.look(segments)
      if (move?.kind === 'claim' && (await this.#share.claim(move.slots))) continue
      const mine = segments.filter((slots) => this.#share.holds(slots))
      if (mine.length > 0) return mine
      this.#enter('standby')
      await this.#rest(tuning.leaseMs / 5, signal)
    }
    return []
  }

  async #follow(planner: FoldPlanner, signal: AbortSignal): Promise<void> {
    const { ports, tuning, definition, meter } = this.#options
    const shaper = new SegmentShaper(this.#share, ports.readModels, this.#generation as Generation)
    this.#shaper = shaper
    await followLog({
      projection: definition.name,
      eventStore: ports.eventStore,
      types: planner.types,
      writers: this.#writers,
      batchSize: tuning.batchSize,
      signal,
      onOpen: (wake) => (this.#wake = wake),
      onBatch: (batch) => {
        if (batch.events.length > 0) meter.applied(batch.events.length)
        this.#position = batch.position ?? this.#position
        this.lag.note(batch)
        this.#enter(batch.isCaughtUp ? 'live' : 'catching-up')
      },
      between: () => shaper.reshape(this.#writers.map(({ segment }) => segment.checkpoint)),
    })
  }

  /** Keeps the leases, and looks around. */
  #startHeart(end: () => void): Heartbeat {
    const { ports, definition, tuning } = this.#options
    return startHeartbeat(tuning.leaseMs / 3, async () => {
      try {
        const isHeld = await this.#share.renew()
        const record = await ports.readModels.generations(definition.name)
        const isSame = record?.active?.number === this.#generation?.number
        if (!isHeld || !isSame || record?.isPaused) {
          end()
          return
        }
        if (await this.#shaper?.look()) this.#wake()
        if (!this.lag.isCaughtUp) this.lag.noteHead(await headOf(ports.eventStore))
      } catch {
        // A server that is away for a while is met by the writer too, and checkpoints fence.
      }
    })
  }

  #noteRetry(message: string, error: unknown): void {
    const { definition, ports, meter } = this.#options
    this.#lastError = error
    meter.add('retries')
    ports.logger.warn(message, { projection: definition.name, error })
    this.#enter('retrying')
  }

  /** Said once, however often it is found. */
  #noteOutdated(active: Generation): void {
    const { definition, ports } = this.#options
    const { name, version } = definition
    const error = new OutdatedProjectionError(name, version, active.version)
    if (this.#state !== 'outdated') ports.logger.warn(error.message, { projection: name })
    this.#lastError = error
    this.#enter('outdated')
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await pause(ms, AbortSignal.any([signal, woken.signal]))
    this.#wake = () => undefined
  }

  #enter(state: ProjectionState): void {
    this.#state = state
    this.#options.onChange()
  }
}
