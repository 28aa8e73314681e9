import type { ConsumerGroup, Delivery, Logger } from '@varve/core'
import { pause } from '../failure/pause.ts'
import type { DeliveredEvent } from '../read/delivery.ts'
import { isUserEvent, toRecordedEvent } from '../read/to-recorded-event.ts'
import { localFilter, type Matches } from '../subscription/event-filter.ts'
import type { GroupDelivery } from './consumer-call.ts'
import type { ConsumerSession } from './consumer-session.ts'
import { filterOf } from './group-address.ts'
import { ServerDelivery } from './server-delivery.ts'

/** What came and was not taken yet, and what was taken and not answered yet. */
export class DeliveryBuffer {
  readonly #group: ConsumerGroup
  readonly #logger: Logger
  readonly #matches: Matches
  readonly #unanswered = new Set<Delivery>()
  #waiting: Delivery[] = []
  #wake: () => void = () => undefined
  #answered: () => void = () => undefined

  constructor(group: ConsumerGroup, logger: Logger) {
    this.#group = group
    this.#logger = logger
    this.#matches = group.stream === undefined ? localFilter(filterOf(group)) : isUserEvent
  }

  /** Takes in what came over a connection. */
  push(message: GroupDelivery, session: ConsumerSession): void {
    const { event, retryCount } = message
    if (!event || !this.#matches(event)) {
      this.#pass(message, event, session)
      return
    }
    const delivery: ServerDelivery = new ServerDelivery(
      this.#group.name,
      { event: toRecordedEvent(event), retryCount },
      async (action, reason) => {
        try {
          await session.answer(message, action, reason)
        } finally {
          this.#unanswered.delete(delivery)
          this.#answered()
        }
      },
    )
    this.#waiting.push(delivery)
    this.#wake()
  }

  /** Hands out the next one; undefined where there is none. */
  take(): Delivery | undefined {
    const delivery = this.#waiting.shift()
    if (delivery) this.#unanswered.add(delivery)
    return delivery
  }

  /** Waits for something to come, or to be woken. */
  async wait(): Promise<void> {
    if (this.#waiting.length > 0) return
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** Wakes who waits. */
  wake(): void {
    this.#wake()
  }

  /** Forgets everything of a connection that is lost. */
  forget(): void {
    this.#waiting = []
    this.#unanswered.clear()
    this.#answered()
  }

  /** Waits until all that was handed out is answered, but not longer than the limit. */
  async allAnswered(limitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#unanswered.size === 0) return
    const done = new AbortController()
    this.#answered = () => {
      if (this.#unanswered.size === 0) done.abort()
    }
    await pause(limitMs, AbortSignal.any([signal, done.signal]))
  }

  /** Answers what is nothing to the consumer: a link whose event is gone, or an event of the server itself. */
  #pass(message: GroupDelivery, event: DeliveredEvent | undefined, session: ConsumerSession): void {
    if (!event)
      this.#logger.debug('A link to an event that is gone is passed over.', {
        group: this.#group.name,
        revision: message.link?.revision,
      })
    // Where it fails the connection is lost, and the message comes again.
    session.answer(message, 'ack', '').catch(() => undefined)
  }
}
