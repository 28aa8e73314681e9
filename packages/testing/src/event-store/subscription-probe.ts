import assert from 'node:assert/strict'
import type { EventSubscription, RecordedEvent, SubscriptionBatch } from '@varve/core'
import { within } from '../contract/patience.ts'

/** Follows a subscription beside the case and keeps what it yields; checks each batch's position. */
export class SubscriptionProbe {
  readonly batches: SubscriptionBatch[] = []
  readonly #subscription: EventSubscription
  readonly #patienceMs: number
  readonly #ended: Promise<void>
  #failure: { readonly error: unknown } | undefined
  #notify: () => void = () => undefined

  constructor(subscription: EventSubscription, patienceMs: number) {
    this.#subscription = subscription
    this.#patienceMs = patienceMs
    this.#ended = this.#follow()
  }

  get events(): readonly RecordedEvent[] {
    return this.batches.flatMap(({ events }) => events)
  }

  get position(): bigint | undefined {
    return this.batches.at(-1)?.position
  }

  /** Waits until what arrived so far is enough. */
  async until(awaited: string, isEnough: (probe: this) => boolean): Promise<void> {
    const deadline = Date.now() + this.#patienceMs
    while (!isEnough(this)) {
      if (this.#failure) throw this.#failure.error
      const found = `${awaited} (so far ${this.events.length} events, position ${this.position})`
      const change = new Promise<void>((resolve) => (this.#notify = resolve))
      await within(Math.max(1, deadline - Date.now()), found, change)
    }
  }

  /** Waits until the subscription said that it reached the end of the log. */
  caughtUp(): Promise<void> {
    return this.until('the end of the log', ({ batches }) =>
      batches.some(({ isCaughtUp }) => isCaughtUp),
    )
  }

  /** Waits until a number of events arrived. */
  received(count: number): Promise<void> {
    return this.until(`${count} events`, ({ events }) => events.length >= count)
  }

  /** Waits for the end of the loop without asking for it. */
  async ended(): Promise<void> {
    await within(this.#patienceMs, 'the subscription to end', this.#ended)
    if (this.#failure) throw this.#failure.error
  }

  /** Stops the subscription and waits for the end of its loop. */
  async stop(): Promise<void> {
    await within(this.#patienceMs, 'the subscription to stop', this.#subscription.stop())
    await this.ended()
  }

  async #follow(): Promise<void> {
    try {
      for await (const batch of this.#subscription) {
        this.#check(batch)
        this.batches.push(batch)
        this.#notify()
      }
    } catch (error) {
      this.#failure = { error }
      this.#notify()
    }
  }

  #check({ events, position }: SubscriptionBatch): void {
    const last = this.position
    if (last !== undefined)
      assert.ok(
        position !== undefined && position >= last,
        `position went back from ${last} to ${position}`,
      )
    const newest = events.at(-1)?.position
    if (newest !== undefined)
      assert.ok(
        position !== undefined && position >= newest,
        `a batch with an event at ${newest} says position ${position}`,
      )
  }
}

/** Follows a subscription for as long as the case needs it. */
export async function probing(
  subscription: EventSubscription,
  patienceMs: number,
  use: (probe: SubscriptionProbe) => Promise<void>,
): Promise<void> {
  const probe = new SubscriptionProbe(subscription, patienceMs)
  try {
    await use(probe)
  } finally {
    await probe.stop()
  }
}
