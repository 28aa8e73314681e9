import { isRaised } from '../bus/pause.ts'
import type { DeadLetter } from '../dead-letter/dead-letter-store.ts'
import type { SubscriptionBatch } from '../event-store/event-subscription.ts'
import { closeScope, HandlerNotResolvableError } from '../message/handler-resolver.ts'
import { BatchIntake } from '../projection/follow/batch-intake.ts'
import { EventDelivery, type DeliveryOptions } from './event-delivery.ts'
import { EventHandlerHaltedError, EventHandlerInterruptedError } from './event-handler-errors.ts'
import type { HandlerProgress } from './handler-progress-store.ts'

const idleAdvanceMs = 1_000
const readAhead = 100

/** What {@link followLog} works with. */
export interface SessionOptions extends DeliveryOptions {
  /** Gets what has the session look at once for dead letters to try again. */
  readonly onOpen: (wake: () => void) => void
}

/**
 * Follows the log from where a handler is, until the signal is raised.
 *
 * @param progress As taken for this session.
 * @throws {EventHandlerHaltedError} An event failed in every try.
 * @throws {EventHandlerConflictError} Another process took over, or somebody moved the handler.
 * @throws {EventHandlerInterruptedError} The event store ended the subscription.
 */
export async function followLog(progress: HandlerProgress, options: SessionOptions): Promise<void> {
  const { definition, ports, signal, book } = options
  const delivery = new EventDelivery(progress, options)
  const { position: after } = progress
  book.position = after
  book.event = undefined
  await prepare(options)
  await delivery.letters.open()
  const subscription = ports.eventStore.subscribe({
    types: ports.codec.storedTypesOf(definition.reactions.map(({ event }) => event.type)),
    ...(after !== undefined && { after }),
  })
  const intake = new BatchIntake(subscription, readAhead)
  // Its failure is met when the intake is closed.
  const stop = (): void => void subscription.stop().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  options.onOpen(() => {
    delivery.letters.expectChores()
    intake.wake()
  })
  try {
    book.state = 'catching-up'
    const step = new BatchStep(delivery, options)
    while (!signal.aborted) {
      if (!(await step.doChores())) return
      const batch = await intake.next(step.waitMs)
      if (batch === undefined) break
      if (batch !== 'idle' && !(await step.take(batch))) return
    }
    if (!isRaised(signal)) throw new EventHandlerInterruptedError(definition.name)
  } finally {
    signal.removeEventListener('abort', stop)
    await intake.close()
  }
}

/** Finds out whether the handler can be made, before it is past any event. */
async function prepare({ definition, ports }: SessionOptions): Promise<void> {
  const prepared = definition.reactions.filter((reaction) => reaction.prepare)
  if (prepared.length === 0) return
  const scope = ports.resolver.open()
  try {
    for (const reaction of prepared) reaction.prepare?.(scope)
  } catch (cause) {
    if (!(cause instanceof HandlerNotResolvableError)) throw cause
    throw new EventHandlerHaltedError(definition.name, undefined, { cause })
  } finally {
    await closeScope(scope, ports.logger)
  }
}

/** Takes one batch after another, and letters that are due in between. */
class BatchStep {
  readonly #delivery: EventDelivery
  readonly #options: DeliveryOptions
  #advancedAt = -Infinity

  constructor(delivery: EventDelivery, options: DeliveryOptions) {
    this.#delivery = delivery
    this.#options = options
  }

  /** How long there is nothing to do but events, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, (this.#delivery.letters.choreAt ?? Infinity) - Date.now())
  }

  /** Delivers a batch; false: the session has ended. */
  async take({ events, position, isCaughtUp }: SubscriptionBatch): Promise<boolean> {
    const { book, signal } = this.#options
    for (const event of events) {
      if (signal.aborted || !(await this.#delivery.deliver(event))) return false
      book.position = event.position
      book.state = 'catching-up'
      if (!(await this.doChores())) return false
    }
    if (isRaised(signal)) return false
    if (position !== undefined) {
      await this.#advance(position, events.length > 0)
      book.position = position
    }
    book.state = isCaughtUp ? 'live' : 'catching-up'
    return true
  }

  /** Tries the letters that are due, if any are; false: the session has ended. */
  async doChores(): Promise<boolean> {
    const { letters } = this.#delivery
    const { book, signal } = this.#options
    if (letters.choreAt === undefined || letters.choreAt > Date.now()) return !signal.aborted
    const { state } = book
    for (const queue of await letters.due())
      for (let isMore = true; isMore && !signal.aborted;) {
        const waiting = await letters.nextOf(queue, this.#delivery.position)
        isMore = waiting.length > 0 && (await this.#deliverAll(waiting))
      }
    book.event = undefined
    book.state = state
    return !isRaised(signal)
  }

  /** Stops at the first letter that is not to be tried now, or fails. */
  async #deliverAll(waiting: readonly DeadLetter[]): Promise<boolean> {
    for (const letter of waiting) {
      if (!isDue(letter)) {
        this.#delivery.letters.stopAt(letter)
        return false
      }
      if (!(await this.#delivery.deliverLetter(letter))) return false
    }
    return true
  }

  /** Events that were passed over, and others the handler does not ask for, are behind it too. */
  async #advance(position: bigint, hadEvents: boolean): Promise<void> {
    const { position: stored } = this.#delivery
    if (stored !== undefined && position <= stored) return
    const isDue = performance.now() - this.#advancedAt >= idleAdvanceMs
    if (!hadEvents && !isDue) return
    await this.#delivery.advance(position)
    this.#advancedAt = performance.now()
  }
}

function isDue({ state, dueAt }: DeadLetter): boolean {
  return state === 'waiting' || (state === 'retrying' && (dueAt?.getTime() ?? 0) <= Date.now())
}
