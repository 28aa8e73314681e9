import {
  type ConsumeOptions,
  type Consumer,
  type ConsumerGroup,
  ConsumerGroupNotFoundError,
  type ConsumerState,
  type Delivery,
  DeliveryLostError,
  describeSource,
  InvalidConsumerGroupError,
} from '@varve/core'
import type { GroupMessage } from './group-message.ts'
import { InMemoryDelivery } from './in-memory-delivery.ts'
import type { InMemoryGroup, Member } from './in-memory-group.ts'

/** A consumer in the same process as its group. */
export class InMemoryConsumer implements Consumer, Member {
  readonly name = 'memory'
  readonly #group: ConsumerGroup
  readonly #options: ConsumeOptions
  readonly #bufferSize: number
  readonly #buffer: GroupMessage[] = []
  readonly #inFlight = new Set<GroupMessage>()
  readonly #handedOut = new Set<GroupMessage>()
  readonly #abort = (): void => this.#leave()
  #joined: InMemoryGroup | undefined
  #state: ConsumerState = 'connecting'
  #failure: Error | undefined
  #stopping: Promise<void> | undefined
  #isIterated = false
  #wake: () => void = () => undefined
  #answered: () => void = () => undefined

  /** @param find Finds the group; undefined where it is missing. */
  constructor(
    group: ConsumerGroup,
    find: () => InMemoryGroup | undefined,
    options: ConsumeOptions,
  ) {
    this.#group = group
    this.#options = options
    this.#bufferSize = options.bufferSize ?? 10
    // Whoever consumes holds the consumer before it changes its state.
    queueMicrotask(() => this.#join(find()))
  }

  get state(): ConsumerState {
    return this.#state
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  get room(): number {
    return this.#bufferSize - this.#inFlight.size
  }

  joined(): void {
    this.#become('consuming')
  }

  receive(message: GroupMessage): void {
    this.#inFlight.add(message)
    this.#buffer.push(message)
    this.#wake()
  }

  taken(message: GroupMessage): void {
    this.#inFlight.delete(message)
    this.#handedOut.delete(message)
    if (this.#buffer.includes(message)) this.#buffer.splice(this.#buffer.indexOf(message), 1)
    this.#answered()
  }

  removed(): void {
    this.#fail()
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  [Symbol.asyncIterator](): AsyncIterator<Delivery> {
    if (this.#isIterated)
      throw new InvalidConsumerGroupError(
        this.#group.name,
        'its consumer is iterated a second time; consume again instead',
      )
    this.#isIterated = true
    return this.#deliveries()
  }

  async *#deliveries(): AsyncGenerator<Delivery, undefined> {
    try {
      while (this.#state !== 'stopped' && !this.#stopping) {
        const message = this.#buffer.shift()
        if (message) yield this.#handOut(message)
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
      if (this.#failure) throw this.#failure
    } finally {
      // A loop that is left on purpose has nothing more to answer.
      if (!this.#stopping) this.#leave()
    }
  }

  #handOut(message: GroupMessage): Delivery {
    this.#handedOut.add(message)
    return new InMemoryDelivery(message, (action, reason) => {
      if (this.#state === 'stopped') {
        const { stream, revision } = message.event
        throw new DeliveryLostError(this.#group.name, stream, revision)
      }
      this.#joined?.answer(this, message, action, reason)
    })
  }

  #join(group: InMemoryGroup | undefined): void {
    const { signal } = this.#options
    if (this.#state === 'stopped') return
    if (!group) {
      this.#fail()
      return
    }
    if (signal?.aborted) {
      this.#leave()
      return
    }
    signal?.addEventListener('abort', this.#abort)
    this.#joined = group
    group.join(this)
  }

  async #stop(): Promise<void> {
    this.#wake()
    let timer: NodeJS.Timeout | undefined
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.graceMs ?? 5000)
    })
    while (this.#handedOut.size > 0 && this.#state !== 'stopped') {
      const answered = new Promise<'answered'>((resolve) => {
        this.#answered = () => resolve('answered')
      })
      if ((await Promise.race([answered, grace])) !== 'answered') break
    }
    clearTimeout(timer)
    this.#leave()
  }

  #fail(): void {
    if (this.#state === 'stopped') return
    this.#failure = new ConsumerGroupNotFoundError(this.#group.name, describeSource(this.#group))
    this.#leave()
  }

  #leave(): void {
    if (this.#state === 'stopped') return
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#become('stopped')
    this.#joined?.leave(this)
    this.#buffer.length = 0
    this.#wake()
    this.#answered()
  }

  #become(to: ConsumerState): void {
    const from = this.#state
    if (from === to || from === 'stopped') return
    this.#state = to
    this.#options.onStateChange?.({ from, to, ...(this.#failure && { cause: this.#failure }) })
  }
}
