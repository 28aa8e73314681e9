import { pause } from '../bus/pause.ts'
import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import { CircuitOpenError } from '../circuit-breaker/circuit-open-error.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { callReaction } from './call-reaction.ts'
import { CausedCommands, type FindCommand } from './caused-commands.ts'
import type { DeliveryMode, EventHandlerDefinition } from './event-handler-definition.ts'
import { EventHandlerError, EventHandlerHaltedError } from './event-handler-errors.ts'
import type { EventHandlerPorts } from './event-handler-ports.ts'
import type { HandlerBook } from './handler-book.ts'
import type { HandlerProgress } from './handler-progress-store.ts'
import { IdempotentConsumer } from './idempotent-consumer.ts'
import { type StoreRetries, untilStored } from './until-stored.ts'

/** What one delivery session works with. */
export interface DeliveryOptions {
  readonly definition: EventHandlerDefinition
  readonly ports: EventHandlerPorts
  readonly find: FindCommand
  readonly book: HandlerBook
  readonly retryDelaysMs: readonly number[]
  readonly graceMs: number
  /** Ends the session. */
  readonly signal: AbortSignal
}

/** `given-up`: it failed in every try, and its handler goes on. `interrupted`: the session ended first. */
type Outcome = 'handled' | 'given-up' | 'interrupted'

const shortestWaitMs = 50

/** How far the delivery of one recorded event is. */
interface Delivered {
  readonly event: RecordedEvent
  readonly isReplay: boolean
  /** How many of the events it stands for are done with. */
  parts: number
}

/** Brings events to a handler, one after another, and keeps its progress as its delivery mode says. */
export class EventDelivery {
  readonly #options: DeliveryOptions
  readonly #storing: StoreRetries
  #progress: HandlerProgress

  /** @param progress As taken for this session. */
  constructor(progress: HandlerProgress, options: DeliveryOptions) {
    this.#progress = progress
    this.#options = options
    const { book, signal } = options
    this.#storing = {
      signal,
      onFailure: (error) => {
        book.lastError = error
        book.state = 'retrying'
      },
    }
  }

  get position(): bigint | undefined {
    return this.#progress.position
  }

  /**
   * Brings one event to the handler.
   *
   * @returns Whether it is done with; false only where the session ended first.
   * @throws {EventHandlerHaltedError} It failed in every try.
   * @throws {EventHandlerConflictError} Another process took over, or somebody moved the handler.
   */
  async deliver(event: RecordedEvent): Promise<boolean> {
    const { definition, book } = this.#options
    const { furthest } = this.#progress
    const isReplay = furthest !== undefined && event.position <= furthest
    if (isReplay && !definition.onReplay) {
      book.passedOver += 1
      return true
    }
    book.event = event
    const isDone = await this.#modes[definition.delivery](event, isReplay)
    if (isDone) book.event = undefined
    return isDone
  }

  /** Stores that everything up to a position is done with. */
  async advance(position: bigint): Promise<void> {
    const { progress } = this.#options.ports
    this.#progress = await untilStored(
      () => progress.advance(this.#progress, position),
      this.#storing,
    )
  }

  readonly #modes: Readonly<
    Record<DeliveryMode, (event: RecordedEvent, isReplay: boolean) => Promise<boolean>>
  > = {
    'at-most-once': async (event, isReplay) => {
      if (!(await this.#circuitLetsThrough())) return false
      await this.advance(event.position)
      await this.#callOnce(event, isReplay)
      return true
    },
    'at-least-once': async (event, isReplay) => {
      if ((await this.#callUntilDone(event, isReplay)) === 'interrupted') return false
      await this.advance(event.position)
      return true
    },
    idempotent: async (event, isReplay) => {
      const consumer = this.#consumer(isReplay)
      if (await untilStored(() => consumer.wasHandled(event.id), this.#storing))
        this.#options.book.passedOver += 1
      else {
        const outcome = await this.#callUntilDone(event, isReplay)
        if (outcome === 'interrupted') return false
        if (outcome === 'handled')
          await untilStored(() => consumer.remember(event.id), this.#storing)
      }
      await this.advance(event.position)
      return true
    },
  }

  /** Each replay remembers on its own: it was asked for to have events handled again. */
  #consumer(isReplay: boolean): IdempotentConsumer {
    const { definition, ports } = this.#options
    const { name, windowMs } = definition
    const { moves } = this.#progress
    return new IdempotentConsumer({
      name: isReplay && moves > 0 ? `${name}#${moves}` : name,
      store: ports.handledEvents,
      windowMs,
    })
  }

  async #callOnce(event: RecordedEvent, isReplay: boolean): Promise<void> {
    const delivered: Delivered = { event, isReplay, parts: 0 }
    for (let isDone = false; !isDone;)
      try {
        await this.#call(delivered, 1)
        isDone = true
      } catch (cause) {
        this.#lose(this.#noted(event, 1, cause))
        // The other events it stands for are delivered once, too.
        delivered.parts += 1
        isDone = delivered.parts >= this.#countParts(event)
      }
  }

  async #callUntilDone(event: RecordedEvent, isReplay: boolean): Promise<Outcome> {
    const { book, signal, retryDelaysMs, definition, ports } = this.#options
    const delivered: Delivered = { event, isReplay, parts: 0 }
    let failures = 0
    for (let attempt = 1; await this.#circuitLetsThrough(); attempt += 1)
      try {
        await this.#call(delivered, attempt)
        return 'handled'
      } catch (cause) {
        if (signal.aborted) return 'interrupted'
        const error = this.#noted(event, attempt, cause)
        const outageMs = this.#outageMs(cause)
        const delayMs = outageMs ?? retryDelaysMs[failures]
        if (delayMs === undefined) {
          if (definition.onError === 'halt')
            throw new EventHandlerHaltedError(definition.name, event, { cause: error })
          this.#lose(error)
          return 'given-up'
        }
        if (outageMs === undefined) failures += 1
        book.retries += 1
        ports.logger.warn(error.message, { eventHandler: definition.name })
        book.state = outageMs === undefined ? 'retrying' : 'waiting'
        await pause(delayMs, signal)
      }
    return 'interrupted'
  }

  /** How long to wait for a circuit that this failure found open, or has opened; undefined: it did neither. */
  #outageMs(cause: unknown): number | undefined {
    const { circuit } = this.#options.definition
    if (circuit && circuit.waitMs > 0 && circuit.status.lastError === cause) return circuit.waitMs
    if (!(cause instanceof CircuitOpenError)) return undefined
    return Math.max(shortestWaitMs, cause.until.getTime() - Date.now())
  }

  /** Waits while the circuit is open. False: the session ended first. */
  async #circuitLetsThrough(): Promise<boolean> {
    const { definition, book, signal } = this.#options
    const { circuit } = definition
    for (let ms = circuit?.waitMs ?? 0; ms > 0 && !signal.aborted; ms = circuit?.waitMs ?? 0) {
      book.state = 'waiting'
      await pause(Math.min(ms, 1_000), signal)
    }
    return !signal.aborted
  }

  /** Calls the handler for each event that a recorded one stands for, from the first it is not past. */
  async #call(delivered: Delivered, attempt: number): Promise<void> {
    const { ports, book } = this.#options
    const { event } = delivered
    const parts = ports.codec.upcast(event) ?? [event]
    while (delivered.parts < parts.length) {
      await this.#callPart(parts[delivered.parts] as RecordedEvent, delivered, attempt)
      delivered.parts += 1
    }
    book.handled += 1
  }

  async #callPart(
    event: RecordedEvent,
    { isReplay, parts: part }: Delivered,
    attempt: number,
  ): Promise<void> {
    const { definition, ports, graceMs, signal, find } = this.#options
    const { name: handler, circuit } = definition
    const commands = new CausedCommands({ bus: ports.commands, find, handler, event, part })
    const call = (): Promise<void> =>
      callReaction({ ...ports, graceMs }, event, {
        definition,
        attempt,
        isReplay,
        signal,
        commands,
        part,
      })
    await (circuit ? this.#through(circuit, call) : call())
  }

  /** One that cannot be brought up is lost as a whole. */
  #countParts(event: RecordedEvent): number {
    try {
      return this.#options.ports.codec.upcast(event)?.length ?? 1
    } catch {
      return 0
    }
  }

  /** Others may open a circuit between a look at it and the call: then the call was not made, and is made later. */
  async #through(circuit: CircuitBreaker, call: () => Promise<void>): Promise<void> {
    let isMade = false as boolean
    const make = (): Promise<void> => {
      isMade = true
      return call()
    }
    for (;;)
      try {
        await circuit.run(make)
        return
      } catch (error) {
        if (isMade || !(await this.#circuitLetsThrough())) throw error
      }
  }

  #noted(event: RecordedEvent, attempt: number, cause: unknown): EventHandlerError {
    const { definition, book } = this.#options
    const error = new EventHandlerError(definition.name, event, attempt, { cause })
    book.lastError = error
    return error
  }

  #lose(error: EventHandlerError): void {
    const { definition, ports, book } = this.#options
    book.lost += 1
    ports.logger.error('An event was given up and left behind.', {
      eventHandler: definition.name,
      error,
    })
  }
}
