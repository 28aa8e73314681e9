import type { EventSubscription, SubscriptionBatch } from '../event-store/event-subscription.ts'
import { EventDelivery, type DeliveryOptions } from './event-delivery.ts'
import { EventHandlerInterruptedError } from './event-handler-errors.ts'
import type { HandlerProgress } from './handler-progress-store.ts'

const idleAdvanceMs = 1_000

/**
 * Follows the log from where a handler is, until the signal is raised.
 *
 * @param progress As taken for this session.
 * @throws {EventHandlerHaltedError} An event failed in every try.
 * @throws {EventHandlerConflictError} Another process took over, or somebody moved the handler.
 * @throws {EventHandlerInterruptedError} The event store ended the subscription.
 */
export async function followLog(
  progress: HandlerProgress,
  options: DeliveryOptions,
): Promise<void> {
  const { definition, ports, signal, book } = options
  const delivery = new EventDelivery(progress, options)
  const { position: after } = progress
  book.position = after
  book.event = undefined
  const subscription: EventSubscription = ports.eventStore.subscribe({
    types: ports.codec.storedTypesOf(definition.reactions.map(({ event }) => event.type)),
    ...(after !== undefined && { after }),
  })
  // Its failure is met when the iteration ends.
  const stop = (): void => void subscription.stop().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    book.state = 'catching-up'
    const step = new BatchStep(delivery, options)
    for await (const batch of subscription) {
      if (!(await step.take(batch))) return
    }
    if (!signal.aborted) throw new EventHandlerInterruptedError(definition.name)
  } finally {
    signal.removeEventListener('abort', stop)
    await subscription.stop()
  }
}

/** Takes one batch after another. */
class BatchStep {
  readonly #delivery: EventDelivery
  readonly #options: DeliveryOptions
  #advancedAt = -Infinity

  constructor(delivery: EventDelivery, options: DeliveryOptions) {
    this.#delivery = delivery
    this.#options = options
  }

  /** Delivers a batch; false: the session has ended. */
  async take({ events, position, isCaughtUp }: SubscriptionBatch): Promise<boolean> {
    const { book, signal } = this.#options
    for (const event of events) {
      if (signal.aborted || !(await this.#delivery.deliver(event))) return false
      book.position = event.position
      book.state = 'catching-up'
    }
    if (signal.aborted) return false
    if (position !== undefined) {
      await this.#advance(position, events.length > 0)
      book.position = position
    }
    book.state = isCaughtUp ? 'live' : 'catching-up'
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
