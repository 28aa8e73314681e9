import { pause } from '../bus/pause.ts'
import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import type { ReadModelStore } from '../read-model/read-model-store.ts'
import { slotCount } from '../read-model/slots.ts'
import { changePause } from './generations.ts'
import type { ProjectionLag } from './follow/lag-meter.ts'
import { PositionWatch } from './follow/position-watch.ts'
import type { ProjectionDefinition } from './projection-definition.ts'
import { ProjectionHaltedError } from './projection-errors.ts'
import { ProjectionMeter } from './projection-meter.ts'
import type { ProjectionPorts, ProjectionTuning } from './projection-ports.ts'
import { type ProjectionStatus, worstState } from './projection-status.ts'
import { GenerationKeeper } from './rebuild/generation-keeper.ts'
import { ProjectionWorker } from './projection-worker.ts'

const pollMs = 25

/** What a runner needs. */
export interface ProjectionRunnerOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  /** Around the read-model store, shared by all projections. */
  readonly circuit: CircuitBreaker
}

/** Runs the workers of one projection in this process. */
export class ProjectionRunner {
  readonly definition: ProjectionDefinition
  readonly #ports: ProjectionPorts
  readonly #circuit: CircuitBreaker
  readonly #meter = new ProjectionMeter()
  readonly #watch: PositionWatch
  readonly #workers: readonly ProjectionWorker[]
  readonly #keeper: GenerationKeeper
  #stopping = new AbortController()
  #running: Promise<unknown> | undefined
  #keeping: Promise<void> = Promise.resolve()
  #isPolling = false

  constructor({ definition, ports, tuning, circuit }: ProjectionRunnerOptions) {
    this.definition = definition
    this.#ports = ports
    this.#circuit = circuit
    this.#watch = new PositionWatch(definition.name)
    this.#keeper = new GenerationKeeper({ definition, ports, tuning, circuit })
    this.#workers = Array.from(
      { length: tuning.workers },
      (_, index) =>
        new ProjectionWorker({
          definition,
          ports,
          tuning,
          meter: this.#meter,
          circuit,
          owner: `${tuning.owner}.${index + 1}`,
          onChange: () => this.#notice(),
        }),
    )
  }

  get status(): ProjectionStatus {
    const now = this.#ports.clock.now().getTime()
    const [first] = this.#workers
    const lastError = this.#workers
      .map((worker) => worker.lastError)
      .find((error) => error !== undefined)
    return {
      name: this.definition.name,
      version: this.definition.version,
      state: this.#state,
      generation: first?.generation,
      position: this.#watch.position,
      lag: longestLag(
        this.#workers.filter(({ slots }) => slots.length > 0).map(({ lag }) => lag.measure(now)),
      ),
      level: first?.level,
      circuit: this.#circuit.status.state,
      workers: this.#workers.map(({ name, state, slots, position }) => ({
        name,
        state,
        slots,
        position,
      })),
      ...this.#meter.metrics,
      lastError,
    }
  }

  /** Starts, or starts again after a stop or halt. */
  start(): void {
    const isStopping = this.#stopping.signal.aborted
    if (this.#running && !isStopping && this.#state !== 'halted') return
    const before = this.#running ?? Promise.resolve()
    // Workers that did not halt begin anew together with those that did.
    this.#stopping.abort()
    this.#stopping = new AbortController()
    const { signal } = this.#stopping
    this.#running = before.then(() =>
      Promise.all(this.#workers.map((worker) => worker.run(signal))),
    )
    // Halted workers end by themselves; what readers left is kept up to date and dropped all the same.
    this.#keeping = this.#keeping.then(() => this.#keeper.run(signal))
  }

  /** Finishes the commits under way, gives the leases back and stops. Other processes go on. */
  async stop(): Promise<void> {
    const running = this.#running
    const keeping = this.#keeping
    this.#stopping.abort()
    await running
    await keeping
    if (this.#running === running) this.#running = undefined
  }

  /** Pauses the projection in all processes until it is resumed; survives restarts. */
  async pause(): Promise<void> {
    await changePause(this.#ports.readModels, this.definition, true)
    for (const worker of this.#workers) worker.recheck()
  }

  /** Ends a pause. */
  async resume(): Promise<void> {
    await changePause(this.#ports.readModels, this.definition, false)
    for (const worker of this.#workers) worker.recheck()
  }

  /** Whether some event may be a dead letter; false is sure, and where others work as well nobody is. */
  get mayHaveLetters(): boolean {
    return !this.#writesAll || this.#workers.some((worker) => worker.holdsLetters)
  }

  /** Has the workers look at once for letters to try again. */
  wake(): void {
    for (const worker of this.#workers) worker.wake()
  }

  /**
   * Waits until a position is in the read models.
   *
   * @throws {ProjectionLagError} It took longer than `timeoutMs`.
   * @throws {ProjectionHaltedError} The projection has given up.
   */
  async waitFor(position: bigint, timeoutMs: number): Promise<void> {
    if (this.#state === 'halted') throw this.#haltedError
    const waiting = this.#watch.wait(position, timeoutMs)
    this.#poll()
    await waiting
  }

  /** Where other workers write a part, the stored checkpoints are all this process can see. */
  #poll(): void {
    if (this.#isPolling || !this.#watch.isWaitedFor) return
    this.#isPolling = true
    void this.#look()
      .then(() => pause(pollMs))
      .then(() => {
        this.#isPolling = false
        this.#poll()
      })
  }

  async #look(): Promise<void> {
    if (this.#writesAll) return
    try {
      this.#watch.reach(await storedPosition(this.#ports.readModels, this.definition))
    } catch {
      // A store that is away for a moment is asked again.
    }
  }

  #notice(): void {
    if (this.#writesAll) {
      const positions = this.#working.map(({ position }) => position)
      this.#watch.reach(lowest(positions))
    }
    if (this.#state === 'halted') this.#watch.fail(this.#haltedError)
  }

  get #working(): readonly ProjectionWorker[] {
    return this.#workers.filter(({ slots }) => slots.length > 0)
  }

  get #writesAll(): boolean {
    let slots = 0
    for (const worker of this.#workers)
      for (const { first, last } of worker.slots) slots += last - first + 1
    return slots === slotCount
  }

  get #state(): ProjectionStatus['state'] {
    return worstState(this.#workers.map(({ state }) => state))
  }

  get #haltedError(): unknown {
    return this.#workers
      .map(({ lastError }) => lastError)
      .find((error) => error instanceof ProjectionHaltedError)
  }
}

async function storedPosition(
  store: ReadModelStore,
  definition: ProjectionDefinition,
): Promise<bigint | undefined> {
  const record = await store.generations(definition.name)
  const checkpoints = record?.active ? await store.checkpoints(record.active) : []
  return lowest(checkpoints.map(({ position }) => position))
}

/** The lowest of several positions; undefined where one is, or there is none. */
function lowest(positions: readonly (bigint | undefined)[]): bigint | undefined {
  let low: bigint | undefined
  for (const position of positions) {
    if (position === undefined) return undefined
    if (low === undefined || position < low) low = position
  }
  return low
}

function longestLag(lags: readonly ProjectionLag[]): ProjectionLag {
  const longest = (values: readonly (number | undefined)[]): number | undefined =>
    values.length === 0 || values.includes(undefined)
      ? undefined
      : Math.max(...(values as number[]))
  return {
    events: longest(lags.map(({ events }) => events)),
    seconds: longest(lags.map(({ seconds }) => seconds)),
  }
}
