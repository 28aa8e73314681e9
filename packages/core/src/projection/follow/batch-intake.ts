import type { EventSubscription, SubscriptionBatch } from '../../event-store/event-subscription.ts'

/**
 * Reads a subscription ahead while the last batch is being written, and hands out all that came in
 * between as one batch: small ones when live, large ones when behind, and no waiting for a timer.
 */
export class BatchIntake {
  readonly #subscription: EventSubscription
  readonly #maxEvents: number
  readonly #pump: Promise<void>
  #waiting: SubscriptionBatch[] = []
  #count = 0
  #isDone = false
  #failure: { readonly error: unknown } | undefined
  #arrived: (() => void) | undefined
  #taken: (() => void) | undefined

  /** @param maxEvents Most events of one batch; up to twice as many are read ahead. */
  constructor(subscription: EventSubscription, maxEvents: number) {
    this.#subscription = subscription
    this.#maxEvents = maxEvents
    this.#pump = this.#read()
  }

  /**
   * Waits for events or a new position; undefined when the subscription has stopped.
   *
   * @param waitMs How long, in milliseconds; then `'idle'`, as after {@link wake}. Default: for ever.
   */
  next(waitMs?: undefined): Promise<SubscriptionBatch | undefined>
  next(waitMs: number): Promise<SubscriptionBatch | 'idle' | undefined>
  async next(waitMs?: number): Promise<SubscriptionBatch | 'idle' | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#failure) throw this.#failure.error
      if (this.#isDone) return undefined
      if (!(await this.#arrives(waitMs))) return 'idle'
    }
    const batch = this.#merge()
    this.#taken?.()
    return batch
  }

  /** Ends a wait that has a limit, at once. */
  wake(): void {
    this.#arrived?.()
  }

  /** Waits for whatever comes, the end included; false: nothing came in time. */
  async #arrives(waitMs: number | undefined): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
      if (waitMs !== undefined && waitMs !== Infinity) timer = setTimeout(resolve, waitMs)
    })
    clearTimeout(timer)
    return waitMs === undefined || this.#waiting.length > 0 || this.#isDone
  }

  /** Stops the subscription and waits for its end. */
  async close(): Promise<void> {
    this.#isDone = true
    this.#arrived?.()
    this.#taken?.()
    await this.#subscription.stop()
    await this.#pump
  }

  async #read(): Promise<void> {
    try {
      for await (const batch of this.#subscription) {
        this.#waiting.push(batch)
        this.#count += batch.events.length
        this.#arrived?.()
        while (this.#count >= 2 * this.#maxEvents && !this.#isDone)
          await new Promise<void>((resolve) => (this.#taken = resolve))
      }
    } catch (error) {
      this.#failure = { error }
    } finally {
      this.#isDone = true
      this.#arrived?.()
    }
  }

  #merge(): SubscriptionBatch {
    const [first, ...rest] = this.#waiting as [SubscriptionBatch, ...SubscriptionBatch[]]
    if (first.events.length >= this.#maxEvents) return this.#split(first)
    const events = [...first.events]
    let last = first
    let used = 1
    for (const batch of rest) {
      if (events.length + batch.events.length > this.#maxEvents) break
      events.push(...batch.events)
      last = batch
      used += 1
    }
    this.#waiting.splice(0, used)
    this.#count -= events.length
    return { events, position: last.position, isCaughtUp: last.isCaughtUp }
  }

  #split(batch: SubscriptionBatch): SubscriptionBatch {
    if (batch.events.length === this.#maxEvents) {
      this.#waiting.shift()
      this.#count -= this.#maxEvents
      return batch
    }
    const events = batch.events.slice(0, this.#maxEvents)
    this.#waiting[0] = { ...batch, events: batch.events.slice(this.#maxEvents) }
    this.#count -= this.#maxEvents
    return { events, position: events.at(-1)?.position, isCaughtUp: false }
  }
}
