import type { HandledEventStore } from './handled-event-store.ts'

/** What an {@link IdempotentConsumer} needs. */
export interface IdempotentConsumerOptions {
  /** Stable: ids are remembered under it. */
  readonly name: string
  readonly store: HandledEventStore
  /** How long ids of handled events are remembered, in milliseconds. Default seven days. */
  readonly windowMs?: number
}

const weekMs = 7 * 86_400_000

/**
 * Handles each event once, wherever it comes from: a consumer group, a queue, a webhook.
 *
 * What it guarantees: work that succeeded, and whose success was recorded, is not done again for the same event id
 * within the window. What it cannot: a process that dies inside the work, or before its success is recorded, leaves no
 * trace, so the work is done again; and two processes that get the same event at the same time may both do it.
 */
export class IdempotentConsumer {
  readonly #name: string
  readonly #store: HandledEventStore
  readonly #windowMs: number
  readonly #underWay = new Map<string, Promise<boolean>>()

  constructor({ name, store, windowMs = weekMs }: IdempotentConsumerOptions) {
    this.#name = name
    this.#store = store
    this.#windowMs = windowMs
  }

  /**
   * Does the work, unless it was done for this event already. Calls for the same event run one after another.
   *
   * @returns Whether the work was done by this call.
   * @throws What the work threw: nothing is remembered then.
   */
  async run(eventId: string, work: () => Promise<unknown>): Promise<boolean> {
    const before = this.#underWay.get(eventId) ?? Promise.resolve(false)
    const running = before.catch(() => false).then(() => this.#runAlone(eventId, work))
    this.#underWay.set(eventId, running)
    try {
      return await running
    } finally {
      if (this.#underWay.get(eventId) === running) this.#underWay.delete(eventId)
    }
  }

  /** Tells whether the event was handled within the window. */
  async wasHandled(eventId: string): Promise<boolean> {
    return (await this.#store.handled(this.#name, [eventId])).has(eventId)
  }

  /** Remembers that the event was handled. */
  async remember(eventId: string): Promise<void> {
    await this.#store.remember(this.#name, eventId, this.#windowMs)
  }

  async #runAlone(eventId: string, work: () => Promise<unknown>): Promise<boolean> {
    if (await this.wasHandled(eventId)) return false
    await work()
    await this.remember(eventId)
    return true
  }
}
