import type { DeadLetter, DeadLetterQueue } from '../dead-letter/dead-letter-store.ts'
import { causeOf, waitingLetter } from '../dead-letter/make-letter.ts'
import { DeadLetterTooLargeError } from '../dead-letter/dead-letter-errors.ts'
import { slotOf } from '../read-model/slots.ts'
import type { Delivered } from './event-calls.ts'
import type { DeliveryOptions } from './event-delivery.ts'
import {
  EventHandlerConflictError,
  type EventHandlerError,
  EventHandlerHaltedError,
  HandlerInterruptedCallError,
  HandlerLetterLimitError,
} from './event-handler-errors.ts'
import type { HandlerProgress } from './handler-progress-store.ts'
import { HeldStreams, idOf } from './held-streams.ts'
import { type StoreRetries, untilStored } from './until-stored.ts'

/** What {@link HandlerLetters} needs. */
export interface HandlerLettersOptions extends DeliveryOptions {
  /** As taken for this session. */
  readonly progress: HandlerProgress
  readonly storing: StoreRetries
}

/** The dead letters of an event handler, as the session that runs it works with them. */
export class HandlerLetters {
  readonly #options: HandlerLettersOptions
  readonly #streams: HeldStreams

  constructor(options: HandlerLettersOptions) {
    const { definition, ports, maxDeadLetters, storing } = options
    this.#options = options
    this.#streams = new HeldStreams({
      handler: definition.name,
      store: ports.deadLetters,
      maxDeadLetters,
      storing,
    })
  }

  /** Takes over the letters that wait. */
  open(): Promise<void> {
    return this.#streams.open(this.#options.progress.position)
  }

  /** When {@link due} is to be asked, in milliseconds since the epoch; undefined: there is nothing. */
  get choreAt(): number | undefined {
    return this.#streams.choreAt
  }

  /** Makes a look due at once. */
  expectChores(): void {
    this.#streams.expectChores()
  }

  /** Looks which streams have a letter to be tried. */
  async due(): Promise<readonly DeadLetterQueue[]> {
    await this.#streams.look()
    return this.#streams.due(Date.now())
  }

  /**
   * The letters of a stream that are to be tried now, oldest first. Removes those in front that were given up, and lets
   * the stream go where none is left.
   *
   * @param reached How far the handler is: letters behind that come again with their events.
   */
  async nextOf(
    queue: DeadLetterQueue,
    reached: bigint | undefined,
  ): Promise<readonly DeadLetter[]> {
    const found = await this.#streams.lettersOf(queue)
    if (found.length === 0) this.#streams.letGo(queue.key)
    const letters = found.filter(({ event }) => reached !== undefined && event.position <= reached)
    const givenUp = letters.filter(({ state }) => state === 'discarded')
    if (givenUp.length > 0) await this.settle(givenUp)
    const open = letters.filter((letter) => !givenUp.includes(letter))
    return open.length === 0 && givenUp.length > 0 ? this.nextOf(queue, reached) : open
  }

  /** Notes the letter in front of a stream that is not tried now. */
  stopAt(letter: DeadLetter): void {
    this.#streams.note(letter)
  }

  /** Removes letters that are done with. */
  async settle(letters: readonly DeadLetter[]): Promise<void> {
    await this.#streams.remove(letters.map(idOf))
    this.#options.book.lettersSettled += letters.length
  }

  /** Has an event wait behind another one of its stream; false: it need not. */
  async takeBehind(delivered: Delivered): Promise<boolean> {
    const { event } = delivered
    if (!this.#streams.holds(event.stream, event.position)) return false
    if (this.#streams.isThere(event.position)) return true
    await this.#add(delivered, {})
    this.#options.book.lettersWritten += 1
    return true
  }

  /** Keeps an event that failed. */
  async failed(delivered: Delivered, error: EventHandlerError): Promise<void> {
    const change = this.#failure(error, 1)
    // Where the call was noted, there is a letter.
    if (this.#isOnce) await this.#put(delivered, change)
    else await this.#add(delivered, change)
    this.#options.book.lettersWritten += 1
    this.#report(delivered, change, error)
  }

  /** Notes that a letter failed once more; with an outage, that it is tried again after it. */
  async failedAgain(
    letter: DeadLetter,
    delivered: Delivered,
    error: EventHandlerError,
    outageMs: number | undefined,
  ): Promise<void> {
    if (outageMs !== undefined) {
      const dueAt = new Date(Date.now() + outageMs)
      await this.#put(delivered, { ...letter, state: 'retrying', dueAt })
      return
    }
    const change = this.#failure(error, letter.attempts + 1)
    await this.#put(delivered, { ...letter, ...change })
    this.#report(delivered, change, error)
  }

  /** Notes that a call is made which must not be made twice: where it is not heard of again, somebody has to look. */
  async noteCall(delivered: Delivered, letter?: DeadLetter): Promise<void> {
    const { name } = this.#options.definition
    const cause = causeOf(new HandlerInterruptedCallError(name))
    const change: Partial<DeadLetter> = { state: 'dead', cause, dueAt: undefined }
    if (!letter) return this.#add(delivered, change)
    await this.#streams.put({ ...letter, ...change })
    // Not before: a process that took over since looks for letters after it has taken the progress.
    await this.#checkHeld()
  }

  /** Takes back what {@link noteCall} noted of an event. */
  async forgetCall({ event, isReplay }: Delivered): Promise<void> {
    const { stream, position } = event
    await this.#streams.remove([{ queue: this.#streams.queueOf(stream), position }])
    if (isReplay) await this.#streams.look()
    else this.#streams.letGo(stream)
  }

  get #isOnce(): boolean {
    return this.#options.definition.delivery === 'at-most-once'
  }

  #failure({ cause }: EventHandlerError, attempts: number): Partial<DeadLetter> {
    const delayMs = this.#isOnce ? undefined : this.#options.retryDelaysMs[attempts - 1]
    return {
      attempts,
      cause: causeOf(cause),
      ...(delayMs === undefined
        ? { state: 'dead', dueAt: undefined }
        : { state: 'retrying', dueAt: new Date(Date.now() + delayMs) }),
    }
  }

  #report({ event }: Delivered, { state }: Partial<DeadLetter>, error: EventHandlerError): void {
    const { definition, ports, book } = this.#options
    const about = { eventHandler: definition.name, stream: event.stream, error }
    if (state === 'dead')
      ports.logger.error(
        'An event failed in every try. It and what is behind it in its stream wait to be retried or discarded.',
        about,
      )
    else {
      book.retries += 1
      ports.logger.warn('An event failed and waits with all later ones of its stream.', about)
    }
  }

  async #add(delivered: Delivered, change: Partial<DeadLetter>): Promise<void> {
    const { definition } = this.#options
    await this.#checkHeld()
    try {
      await this.#streams.add(this.#letterOf(delivered, change))
    } catch (cause) {
      if (!(cause instanceof HandlerLetterLimitError || cause instanceof DeadLetterTooLargeError))
        throw cause
      throw new EventHandlerHaltedError(definition.name, delivered.event, { cause })
    }
  }

  async #put(delivered: Delivered, change: Partial<DeadLetter>): Promise<void> {
    await this.#checkHeld()
    await this.#streams.put(this.#letterOf(delivered, change))
  }

  #letterOf({ event, isReplay, parts }: Delivered, change: Partial<DeadLetter>): DeadLetter {
    const { stream } = event
    const letter = waitingLetter(this.#streams.queueOf(stream), event, slotOf(stream), new Date())
    return { ...letter, ...change, delivery: { isReplay, parts } }
  }

  /** Letters have no epoch: a process that lost the handler would hold a stream that another goes on with. */
  async #checkHeld(): Promise<void> {
    const { ports, progress, storing } = this.#options
    const now = await untilStored(() => ports.progress.read(progress.handler), storing)
    if (now?.epoch !== progress.epoch) throw new EventHandlerConflictError(progress, now)
  }
}
