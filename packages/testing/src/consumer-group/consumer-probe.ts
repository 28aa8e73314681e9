import type { Consumer, ConsumerGroup, Delivery } from '@varve/core'
import { within } from '../contract/patience.ts'
import { numbersOf } from '../event-store/reading.ts'
import type { ConsumerGroupStoreSubject } from './consumer-group-store-subject.ts'

/** What a probe does with each delivery. */
export type Handle = (delivery: Delivery) => Promise<void>

/** Says that a delivery is handled. */
export const acknowledge: Handle = (delivery) => delivery.ack()

/** Leaves a delivery without an answer. */
export const keep: Handle = async () => undefined

/** Options of {@link ConsumerProbe}. */
export interface ConsumerProbeOptions {
  readonly group?: ConsumerGroup
  /** Default {@link acknowledge}. */
  readonly handle?: Handle
  readonly bufferSize?: number
}

/** Consumes beside the case and keeps what is delivered. */
export class ConsumerProbe {
  readonly deliveries: Delivery[] = []
  readonly consumer: Consumer
  readonly #leaving = new AbortController()
  readonly #patienceMs: number
  readonly #ended: Promise<void>
  #failure: { readonly error: unknown } | undefined
  #notify: () => void = () => undefined

  constructor(
    { store, group: own, patienceMs }: ConsumerGroupStoreSubject,
    { group = own, handle = acknowledge, bufferSize = 10 }: ConsumerProbeOptions = {},
  ) {
    this.#patienceMs = patienceMs
    this.consumer = store.consume(group, {
      bufferSize,
      signal: this.#leaving.signal,
      onStateChange: () => this.#notify(),
    })
    this.#ended = this.#follow(handle)
  }

  /** The numbers of what was delivered, in the order of deliveries. */
  get numbers(): readonly number[] {
    return numbersOf(this.deliveries.map(({ event }) => event))
  }

  /** Waits until what came so far is enough. */
  async until(awaited: string, isEnough: (probe: this) => boolean): Promise<void> {
    const deadline = Date.now() + this.#patienceMs
    while (!isEnough(this)) {
      if (this.#failure) throw this.#failure.error
      const change = new Promise<void>((resolve) => (this.#notify = resolve))
      const found = `${awaited} (so far ${this.numbers.join(', ') || 'nothing'})`
      await within(Math.max(1, deadline - Date.now()), found, change)
    }
  }

  /** Waits until the consumer is a member of its group. */
  consuming(): Promise<void> {
    return this.until('the group to take the consumer', ({ consumer }) => {
      return consumer.state === 'consuming'
    })
  }

  /** Waits until a number of events was delivered. */
  received(count: number): Promise<void> {
    return this.until(`${count} deliveries`, ({ deliveries }) => deliveries.length >= count)
  }

  /** Waits for the end of the loop without asking for it. */
  async ended(): Promise<void> {
    await within(this.#patienceMs, 'the consumer to end', this.#ended)
    if (this.#failure) throw this.#failure.error
  }

  /** Leaves at once, as a process that dies, and waits for the end of the loop. */
  async leave(): Promise<void> {
    this.#leaving.abort()
    await this.ended()
  }

  async #follow(handle: Handle): Promise<void> {
    try {
      for await (const delivery of this.consumer) {
        this.deliveries.push(delivery)
        await handle(delivery)
        this.#notify()
      }
    } catch (error) {
      this.#failure = { error }
      this.#notify()
    }
  }
}

/** Consumes for as long as the case needs it. */
export async function consuming(
  subject: ConsumerGroupStoreSubject,
  options: ConsumerProbeOptions,
  use: (probe: ConsumerProbe) => Promise<void>,
): Promise<void> {
  const probe = new ConsumerProbe(subject, options)
  try {
    await use(probe)
  } finally {
    await probe.leave()
  }
}
