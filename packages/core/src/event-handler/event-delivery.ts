import { pause } from '../bus/pause.ts'
import type { DeadLetter } from '../dead-letter/dead-letter-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { type Delivered, EventCalls, type EventCallsOptions } from './event-calls.ts'
import type { DeliveryMode } from './event-handler-definition.ts'
import { EventHandlerError, EventHandlerHaltedError } from './event-handler-errors.ts'
import type { HandlerProgress } from './handler-progress-store.ts'
import { HandlerNotResolvableError } from '../message/handler-resolver.ts'
import { HandlerLetters } from './handler-letters.ts'
import { IdempotentConsumer } from './idempotent-consumer.ts'
import { type StoreRetries, untilStored } from './until-stored.ts'

/** What one delivery session works with. */
export interface DeliveryOptions extends EventCallsOptions {
  readonly retryDelaysMs: readonly number[]
  readonly maxDeadLetters: number
}

/** `set-aside`: it failed, and its handler goes on. `interrupted`: the session ended first. */
type Outcome = 'handled' | 'set-aside' | 'interrupted'

/** Brings events to a handler, one after another, and keeps its progress as its delivery mode says. */
export class EventDelivery {
  readonly #options: DeliveryOptions
  readonly #storing: StoreRetries
  readonly #calls: EventCalls
  /** The events that were set aside. */
  readonly letters: HandlerLetters
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
    this.#calls = new EventCalls(options)
    this.letters = new HandlerLetters({ ...options, progress, storing: this.#storing })
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
    const isDone = (await this.letters.takeBehind({ event, isReplay, parts: 0 }))
      ? await this.#leave(event)
      : await this.#modes[definition.delivery](event, isReplay)
    if (isDone) book.event = undefined
    return isDone
  }

  /**
   * Brings the event of a letter to the handler, and removes the letter where that succeeds.
   *
   * @returns Whether it did.
   * @throws {EventHandlerConflictError} Another process took over, or somebody moved the handler.
   */
  async deliverLetter(letter: DeadLetter): Promise<boolean> {
    const { definition, book } = this.#options
    const { event, attempts, delivery } = letter
    const delivered = { event, isReplay: false, parts: 0, ...delivery }
    const consumer =
      definition.delivery === 'idempotent' ? this.#consumer(delivered.isReplay) : undefined
    if (consumer && (await this.#stored(() => consumer.wasHandled(event.id)))) {
      book.passedOver += 1
      await this.letters.settle([letter])
      return true
    }
    if (!(await this.#calls.circuitLetsThrough())) return false
    const isOnce = definition.delivery === 'at-most-once'
    if (isOnce) await this.letters.noteCall(delivered, letter)
    const error = await this.#callOnce(delivered, attempts + 1)
    if (error) {
      const outageMs = isOnce ? undefined : this.#calls.outageMs(error.cause)
      if (isOnce || !this.#options.signal.aborted)
        await this.letters.failedAgain(letter, delivered, error, outageMs)
      return false
    }
    if (consumer) await this.#stored(() => consumer.remember(event.id))
    await this.letters.settle([letter])
    return true
  }

  /** Stores that everything up to a position is done with. */
  async advance(position: bigint): Promise<void> {
    const { progress } = this.#options.ports
    this.#progress = await this.#stored(() => progress.advance(this.#progress, position))
  }

  readonly #modes: Readonly<
    Record<DeliveryMode, (event: RecordedEvent, isReplay: boolean) => Promise<boolean>>
  > = {
    'at-most-once': async (event, isReplay) => {
      if (!(await this.#calls.circuitLetsThrough())) return false
      const delivered: Delivered = { event, isReplay, parts: 0 }
      const isKept = this.#options.definition.onError === 'dead-letter'
      // Put before the progress moves, it is there whatever happens in the call.
      if (isKept) await this.letters.noteCall(delivered)
      await this.advance(event.position)
      if (isKept) await this.#callKept(delivered)
      else await this.#callEachPartOnce(delivered)
      return true
    },
    'at-least-once': async (event, isReplay) => {
      if ((await this.#callUntilDone(event, isReplay)) === 'interrupted') return false
      return this.#leave(event)
    },
    idempotent: async (event, isReplay) => {
      const consumer = this.#consumer(isReplay)
      if (await this.#stored(() => consumer.wasHandled(event.id)))
        this.#options.book.passedOver += 1
      else {
        const outcome = await this.#callUntilDone(event, isReplay)
        if (outcome === 'interrupted') return false
        if (outcome === 'handled') await this.#stored(() => consumer.remember(event.id))
      }
      return this.#leave(event)
    },
  }

  async #leave({ position }: RecordedEvent): Promise<true> {
    await this.advance(position)
    return true
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

  async #callKept(delivered: Delivered): Promise<void> {
    const error = await this.#callOnce(delivered, 1)
    await (error ? this.letters.failed(delivered, error) : this.letters.forgetCall(delivered))
  }

  async #callEachPartOnce(delivered: Delivered): Promise<void> {
    for (let isDone = false; !isDone;) {
      const error = await this.#callOnce(delivered, 1)
      if (error) {
        this.#lose(error)
        // The other events it stands for are delivered once, too.
        delivered.parts += 1
      }
      isDone = !error || delivered.parts >= this.#calls.countParts(delivered.event)
    }
  }

  /** Returns what it failed of. */
  async #callOnce(delivered: Delivered, attempt: number): Promise<EventHandlerError | undefined> {
    const { definition, book, signal } = this.#options
    const { name, delivery } = definition
    try {
      await this.#calls.call(delivered, attempt)
      return undefined
    } catch (cause) {
      if (cause instanceof HandlerNotResolvableError)
        throw new EventHandlerHaltedError(name, delivered.event, { cause })
      const error = new EventHandlerError(name, delivered.event, attempt, { cause })
      // A call that was told to end counts as not made, unless it must not be made again.
      if (!signal.aborted || delivery === 'at-most-once') book.lastError = error
      return error
    }
  }

  async #callUntilDone(event: RecordedEvent, isReplay: boolean): Promise<Outcome> {
    const { book, signal, retryDelaysMs, definition, ports } = this.#options
    const delivered: Delivered = { event, isReplay, parts: 0 }
    let failures = 0
    for (let attempt = 1; await this.#calls.circuitLetsThrough(); attempt += 1) {
      const error = await this.#callOnce(delivered, attempt)
      if (!error) return 'handled'
      if (signal.aborted) return 'interrupted'
      const outageMs = this.#calls.outageMs(error.cause)
      const isKept = definition.onError === 'dead-letter'
      const delayMs = outageMs ?? (isKept ? undefined : retryDelaysMs[failures])
      if (delayMs === undefined) {
        await this.#setAside(delivered, error)
        return 'set-aside'
      }
      if (outageMs === undefined) failures += 1
      book.retries += 1
      ports.logger.warn(error.message, { eventHandler: definition.name })
      book.state = outageMs === undefined ? 'retrying' : 'waiting'
      await pause(delayMs, signal)
    }
    return 'interrupted'
  }

  async #setAside(delivered: Delivered, error: EventHandlerError): Promise<void> {
    const { name, onError } = this.#options.definition
    if (onError === 'halt')
      throw new EventHandlerHaltedError(name, delivered.event, { cause: error })
    if (onError === 'skip') this.#lose(error)
    else await this.letters.failed(delivered, error)
  }

  #lose(error: EventHandlerError): void {
    const { definition, ports, book } = this.#options
    book.lost += 1
    ports.logger.error('An event was given up and left behind.', {
      eventHandler: definition.name,
      error,
    })
  }

  #stored<Result>(call: () => Promise<Result>): Promise<Result> {
    return untilStored(call, this.#storing)
  }
}
