import { pause } from '../bus/pause.ts'
import type { EventSubscription, SubscriptionBatch } from '../event-store/event-subscription.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ConsistencyLevel } from '../read-model/read-model-store.ts'
import { closeScope } from '../message/handler-resolver.ts'
import { BatchFold } from './batch-fold.ts'
import { BatchIntake } from './batch-intake.ts'
import { buildGeneration } from './build-generation.ts'
import { GenerationWriter } from './generation-writer.ts'
import { openGenerations } from './generations.ts'
import { PositionWatch } from './position-watch.ts'
import type { ProjectionDefinition } from './projection-definition.ts'
import type { ProjectionHandlerError } from './projection-errors.ts'
import { ProjectionHaltedError, SubscriptionEndedError } from './projection-errors.ts'
import { holdLease } from './projection-lease.ts'
import type { ProjectionPorts, ProjectionTuning } from './projection-ports.ts'
import type { ProjectionState, ProjectionStatus } from './projection-status.ts'
import { rebuildAlone } from './rebuild-alone.ts'
import { writeWithRetries } from './write-with-retries.ts'

const idleCheckpointMs = 1_000
const longestBackoffMs = 2_000
const longestRestMs = 50

/**
 * Runs one projection: follows the log and keeps the active generation of its read models up to date.
 *
 * Whatever fails but a handler is tried again for ever, from the stored checkpoint: the loop below opens
 * everything anew, so there is one way to start and to recover.
 */
export class ProjectionRunner {
  readonly #ports: ProjectionPorts
  readonly #tuning: Required<ProjectionTuning>
  readonly #watch: PositionWatch
  #stopping = new AbortController()
  #running: Promise<void> | undefined
  #state: ProjectionState = 'stopped'
  #generation: Generation | undefined
  #level: ConsistencyLevel | undefined
  #counts = { eventsApplied: 0, batches: 0, retries: 0 }
  #lastError: unknown

  constructor(
    readonly definition: ProjectionDefinition,
    ports: ProjectionPorts,
    tuning: Required<ProjectionTuning>,
  ) {
    this.#ports = ports
    this.#tuning = tuning
    this.#watch = new PositionWatch(definition.name)
  }

  get status(): ProjectionStatus {
    return {
      name: this.definition.name,
      version: this.definition.version,
      state: this.#state,
      generation: this.#generation,
      position: this.#watch.position,
      level: this.#level,
      ...this.#counts,
      lastError: this.#lastError,
    }
  }

  /** Starts, or starts again after a stop or halt. */
  start(): void {
    const isStopping = this.#stopping.signal.aborted
    if (this.#running && !isStopping && this.#state !== 'halted') return
    const before = this.#running ?? Promise.resolve()
    this.#stopping = new AbortController()
    const { signal } = this.#stopping
    this.#state = 'starting'
    this.#running = before.then(() => this.#run(signal))
  }

  /** Finishes the commit under way, gives the lease back and stops. */
  async stop(): Promise<void> {
    const running = this.#running
    this.#stopping.abort()
    await running
    if (this.#running === running) this.#running = undefined
  }

  /**
   * Waits until a position is in the read models.
   *
   * @throws {ProjectionLagError} It took longer than `timeoutMs`.
   * @throws {ProjectionHaltedError} The projection has given up.
   */
  async waitFor(position: bigint, timeoutMs: number): Promise<void> {
    if (this.#state === 'halted') throw this.#haltedError()
    const looking = new AbortController()
    try {
      const waiting = this.#watch.wait(position, timeoutMs)
      await Promise.all([waiting, this.#look(waiting, looking)])
    } finally {
      looking.abort()
    }
  }

  // Where another process runs the projection, its checkpoint is all this one can see.
  async #look(waiting: Promise<void>, looking: AbortController): Promise<void> {
    waiting.then(
      () => looking.abort(),
      () => looking.abort(),
    )
    while (!looking.signal.aborted) {
      if (this.#state === 'standby' || this.#state === 'stopped')
        // A store that is away for a moment is asked again.
        this.#watch.reach(await this.#storedPosition().catch(() => undefined))
      await pause(25, looking.signal)
    }
  }

  async #storedPosition(): Promise<bigint | undefined> {
    const record = await this.#ports.readModels.generations(this.definition.name)
    const checkpoint = record?.active && (await this.#ports.readModels.checkpoint(record.active))
    return checkpoint?.position
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) this.#state = 'starting'
    for (let failures = 0; !signal.aborted;) {
      const batchesBefore = this.#counts.batches
      try {
        await this.#session(signal)
      } catch (error) {
        if (isRaised(signal)) break
        this.#lastError = error
        if (error instanceof ProjectionHaltedError) {
          this.#halt(error)
          return
        }
        failures = this.#counts.batches > batchesBefore ? 1 : failures + 1
        this.#state = 'retrying'
        this.#counts.retries += 1
        this.#ports.logger.warn('A projection was interrupted and starts again.', {
          projection: this.definition.name,
          error,
        })
        await pause(
          Math.min(longestBackoffMs, 50 * 2 ** failures) * (0.5 + Math.random() / 2),
          signal,
        )
      }
    }
    this.#state = 'stopped'
  }

  #halt(error: ProjectionHaltedError): void {
    this.#state = 'halted'
    this.#ports.logger.error(error.message, {
      projection: this.definition.name,
      error: error.cause,
    })
    this.#watch.fail(error)
  }

  /** One life of the runner: from taking the lease to losing it, failing or being stopped. */
  async #session(signal: AbortSignal): Promise<void> {
    const lost = new AbortController()
    const end = (): void => lost.abort()
    const ended = AbortSignal.any([signal, lost.signal])
    const record = await openGenerations(this.#ports.readModels, this.definition)
    this.#generation = record.active
    this.#level = await this.#ports.readModels.level()
    const lease = await holdLease(this.#ports.leases, {
      name: `projection:${this.definition.name}`,
      owner: this.#tuning.owner,
      ttlMs: this.#tuning.leaseMs,
      signal: ended,
      onStandby: () => (this.#state = 'standby'),
      onLost: end,
      onRenewed: async () => {
        const current = await this.#ports.readModels.generations(this.definition.name)
        if (current?.active?.number !== this.#generation?.number) end()
      },
    })
    if (!lease) return
    try {
      await this.#work(ended)
    } finally {
      await lease.release()
    }
  }

  /** What the lease is for. */
  async #work(ended: AbortSignal): Promise<void> {
    const scope = this.#ports.resolver.open()
    try {
      const fold = new BatchFold(this.definition, this.#ports.codec, scope)
      this.#generation = await this.#currentGeneration(fold, ended)
      const writer = await GenerationWriter.open(this.#generation, fold, this.#ports.readModels)
      this.#watch.reach(writer.position)
      this.#state = 'catching-up'
      await this.#follow(writer, fold.types, ended)
    } finally {
      await closeScope(scope, this.#ports.logger)
    }
  }

  // Another process may have switched generations while this one waited, and other code may have built them.
  async #currentGeneration(fold: BatchFold, signal: AbortSignal): Promise<Generation> {
    const { active } = await openGenerations(this.#ports.readModels, this.definition)
    if (active?.version === this.definition.version) {
      // Makes the indexes that were declared after the generation was.
      await this.#ports.readModels.create(active, this.definition.models)
      return active
    }
    this.#state = 'rebuilding'
    const { leases, ids } = this.#ports
    const { leaseMs, rebuildBatchSize: batchSize } = this.#tuning
    const built = await rebuildAlone(
      { projection: this.definition.name, leases, ids, leaseMs, signals: [signal] },
      (ended) =>
        buildGeneration({
          definition: this.definition,
          fold,
          ports: this.#ports,
          batchSize,
          signal: ended,
        }),
    )
    return built.generation
  }

  async #follow(
    writer: GenerationWriter,
    types: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const after = writer.position
    const subscription: EventSubscription = this.#ports.eventStore.subscribe({
      types,
      ...(after !== undefined && { after }),
    })
    const intake = new BatchIntake(subscription, this.#tuning.batchSize)
    // Its failure is met when the intake is closed.
    const stop = (): void => void subscription.stop().catch(() => undefined)
    signal.addEventListener('abort', stop, { once: true })
    let savedAt = 0
    try {
      for (let batch = await intake.next(); batch && !signal.aborted; batch = await intake.next()) {
        const startedAt = performance.now()
        const isDue = this.#ports.clock.now().getTime() - savedAt >= idleCheckpointMs
        if (batch.events.length > 0 || isDue) {
          if (!(await this.#write(writer, batch, signal))) return
          savedAt = this.#ports.clock.now().getTime()
        }
        this.#watch.reach(batch.position)
        this.#state = batch.isCaughtUp ? 'live' : 'catching-up'
        // Rests as long as the commit took: under load batches grow instead of commits, and a lone event never waits.
        if (batch.isCaughtUp && batch.events.length > 0)
          await pause(Math.min(longestRestMs, performance.now() - startedAt), signal)
      }
      if (!isRaised(signal)) throw new SubscriptionEndedError(this.definition.name)
    } finally {
      signal.removeEventListener('abort', stop)
      await intake.close()
    }
  }

  async #write(
    writer: GenerationWriter,
    batch: SubscriptionBatch,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (batch.position === undefined) return true
    const isWritten = await writeWithRetries(writer, batch.events, batch.position, {
      delaysMs: this.#tuning.retryDelaysMs,
      signal,
      onRetry: (error: ProjectionHandlerError) => {
        this.#state = 'retrying'
        this.#lastError = error
        this.#counts.retries += 1
        this.#ports.logger.warn(error.message, { projection: this.definition.name })
      },
    })
    if (!isWritten || batch.events.length === 0) return isWritten
    this.#counts.eventsApplied += batch.events.length
    this.#counts.batches += 1
    return true
  }

  #haltedError(): ProjectionHaltedError {
    return this.#lastError instanceof ProjectionHaltedError
      ? this.#lastError
      : new ProjectionHaltedError(this.definition.name, { cause: this.#lastError })
  }
}

/** Read anew: the signal changes while others run. */
function isRaised(signal: AbortSignal): boolean {
  return signal.aborted
}
