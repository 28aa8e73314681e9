import { backoffMs, isRaised, pause } from '../bus/pause.ts'
import { holdLease } from '../lease/hold-lease.ts'
import type { FindCommand } from './caused-commands.ts'
import type { EventHandlerDefinition } from './event-handler-definition.ts'
import { EventHandlerHaltedError, EventHandlerLagError } from './event-handler-errors.ts'
import type { EventHandlerPorts, EventHandlerTuning } from './event-handler-ports.ts'
import { followLog } from './event-handler-session.ts'
import type { EventHandlerState, EventHandlerStatus } from './event-handler-status.ts'
import { HandlerBook } from './handler-book.ts'
import type { HandlerProgress } from './handler-progress-store.ts'
import { openHandler } from './open-handler.ts'

const lookMs = 25
const workingStates: readonly EventHandlerState[] = ['catching-up', 'live', 'retrying', 'waiting']

/** What a runner is made with. */
export interface RunnerOptions {
  readonly ports: EventHandlerPorts
  readonly tuning: Required<EventHandlerTuning>
  readonly find: FindCommand
}

/**
 * Runs one event handler in this process, or stands by while another process does.
 *
 * Whatever fails but a handler is tried again for ever, from the stored progress: the loop below opens everything
 * anew, so there is one way to start and to recover.
 */
export class EventHandlerRunner {
  readonly #options: RunnerOptions
  readonly #book: HandlerBook
  #isWanted = false
  #stopping = new AbortController()
  #running: Promise<void> | undefined
  #wake: () => void = () => undefined
  #interventions: Promise<unknown> = Promise.resolve()

  constructor(
    readonly definition: EventHandlerDefinition,
    options: RunnerOptions,
  ) {
    this.#options = options
    this.#book = new HandlerBook(definition)
  }

  get status(): EventHandlerStatus {
    return this.#book.status
  }

  /** Starts, or starts again after a stop. */
  start(): void {
    this.#isWanted = true
    this.#begin()
  }

  /** Lets the call under way come to its end, gives the lease back and stops. */
  async stop(): Promise<void> {
    this.#isWanted = false
    await this.#end()
  }

  /** Has the session, where one runs here, look at once for dead letters to try again. */
  wake(): void {
    this.#wake()
  }

  /** Does something to the stored progress while this process leaves it alone, then starts again from there. */
  whileStopped<Result>(work: () => Promise<Result>): Promise<Result> {
    const intervention = this.#interventions.then(async () => {
      await this.#end()
      try {
        return await work()
      } finally {
        if (this.#isWanted) this.#begin()
      }
    })
    this.#interventions = intervention.catch(() => undefined)
    return intervention
  }

  #begin(): void {
    if (this.#running && !this.#stopping.signal.aborted) return
    const before = this.#running ?? Promise.resolve()
    this.#stopping = new AbortController()
    const { signal } = this.#stopping
    this.#book.state = 'starting'
    this.#running = before.then(() => this.#run(signal))
  }

  async #end(): Promise<void> {
    const running = this.#running
    this.#stopping.abort()
    await running
    if (this.#running === running) this.#running = undefined
  }

  /**
   * Waits until everything up to a position is done with, in this process or in another.
   *
   * @throws {EventHandlerLagError} It took longer than `timeoutMs`.
   * @throws {EventHandlerHaltedError} The handler gave up on an event before.
   */
  async waitFor(position: bigint, timeoutMs: number): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs
    while (!(await this.#isPast(position))) {
      const { state, lastError } = this.#book
      if (state === 'halted' && lastError instanceof EventHandlerHaltedError) throw lastError
      if (performance.now() >= giveUpAt)
        throw new EventHandlerLagError(
          this.definition.name,
          position,
          this.#book.position,
          timeoutMs,
        )
      await pause(Math.min(lookMs, timeoutMs))
    }
  }

  // What is stored may be ahead of what is done, at most once, so where this process does it, it knows better.
  async #isPast(position: bigint): Promise<boolean> {
    const { state, position: done } = this.#book
    const isHere = workingStates.includes(state)
    const reached = isHere ? done : (await this.#stored())?.position
    return reached !== undefined && reached >= position
  }

  /** A store that is away for a moment is asked again. */
  async #stored(): Promise<HandlerProgress | undefined> {
    return this.#options.ports.progress.read(this.definition.name).catch(() => undefined)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const book = this.#book
    for (let failures = 0; !signal.aborted;) {
      const handledBefore = book.handled
      try {
        await this.#session(signal)
        failures = 0
      } catch (error) {
        if (isRaised(signal)) break
        book.lastError = error
        if (error instanceof EventHandlerHaltedError) {
          await this.#halt(error, signal)
          continue
        }
        failures = book.handled > handledBefore ? 1 : failures + 1
        book.state = 'retrying'
        this.#options.ports.logger.warn('An event handler was interrupted and starts again.', {
          eventHandler: this.definition.name,
          error,
        })
        await pause(backoffMs(failures), signal)
      }
    }
    book.state = 'stopped'
    book.event = undefined
  }

  /** Waits for somebody to move the handler, here or in another process. */
  async #halt(error: EventHandlerHaltedError, signal: AbortSignal): Promise<void> {
    this.#book.state = 'halted'
    this.#options.ports.logger.error(error.message, { eventHandler: this.definition.name })
    const at = await this.#stored()
    for (;;) {
      await pause(this.#options.tuning.leaseMs / 5, signal)
      if (signal.aborted) return
      const now = await this.#stored()
      if (now && (now.position !== at?.position || now.moves !== at?.moves)) return
    }
  }

  /** One life of the runner: from taking the lease to losing it, failing or being stopped. */
  async #session(signal: AbortSignal): Promise<void> {
    const { ports, tuning } = this.#options
    const { name } = this.definition
    const found = await openHandler(ports, this.definition)
    if (found.isPaused) return this.#rest(signal)
    const over = new AbortController()
    const end = (): void => over.abort()
    const ended = AbortSignal.any([signal, over.signal])
    let epoch: bigint | undefined
    const lease = await holdLease(ports.leases, {
      name: `event-handler:${name}`,
      owner: tuning.owner,
      ttlMs: tuning.leaseMs,
      signal: ended,
      onStandby: () => (this.#book.state = 'standby'),
      onLost: end,
      onRenewed: async () => {
        const now = await ports.progress.read(name)
        if (epoch !== undefined && (now?.epoch !== epoch || now.isPaused)) end()
      },
    })
    if (!lease) return
    try {
      const taken = await ports.progress.take(name)
      epoch = taken.epoch
      if (!taken.isPaused) await this.#follow(taken, ended)
    } finally {
      await lease.release()
    }
  }

  async #follow(taken: HandlerProgress, signal: AbortSignal): Promise<void> {
    const { ports, find, tuning } = this.#options
    const { definition } = this
    const book = this.#book
    const onOpen = (wake: () => void): void => {
      this.#wake = wake
    }
    try {
      await followLog(taken, { ...tuning, definition, ports, find, book, signal, onOpen })
    } finally {
      this.#wake = () => undefined
    }
  }

  async #rest(signal: AbortSignal): Promise<void> {
    this.#book.state = 'paused'
    await pause(this.#options.tuning.leaseMs / 5, signal)
  }
}
