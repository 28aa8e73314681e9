import {
  type ConsumeOptions,
  type Consumer,
  type ConsumerGroup,
  ConsumerGroupNotFoundError,
  type ConsumerState,
  type Delivery,
  describeSource,
  InvalidConsumerGroupError,
  type Logger,
} from '@varve/core'
import type { ClientPool } from '../connection/client-pool.ts'
import { backoffDelay } from '../failure/backoff.ts'
import { typeOf } from '../failure/classify-failure.ts'
import { pause } from '../failure/pause.ts'
import type { WatchdogTimes } from '../subscription/watchdog.ts'
import { ConsumerSession } from './consumer-session.ts'
import { DeliveryBuffer } from './delivery-buffer.ts'
import { GroupCommands } from './group-commands.ts'

const defaultBufferSize = 10
const defaultGraceMs = 5000
/** Short enough to be back within two seconds of the server. */
const reconnect = { firstMs: 50, maxMs: 1000 }

/** What a {@link SupervisedConsumer} works with. */
export interface SupervisedConsumerOptions extends ConsumeOptions {
  readonly pool: ClientPool
  readonly times: WatchdogTimes
  readonly logger: Logger
}

/** A consumer that reconnects for ever. */
export class SupervisedConsumer implements Consumer {
  readonly #group: ConsumerGroup
  readonly #options: SupervisedConsumerOptions
  readonly #buffer: DeliveryBuffer
  readonly #leaving = new AbortController()
  readonly #running: Promise<void>
  #session: ConsumerSession | undefined
  #state: ConsumerState = 'connecting'
  #failure: Error | undefined
  #stopping: Promise<void> | undefined
  #isIterated = false

  constructor(group: ConsumerGroup, options: SupervisedConsumerOptions) {
    this.#group = group
    this.#options = options
    this.#buffer = new DeliveryBuffer(group, options.logger)
    this.#running = this.#run()
  }

  get state(): ConsumerState {
    return this.#state
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
      while (!this.#stopping && !this.#isLeaving() && this.#state !== 'stopped') {
        const delivery = this.#buffer.take()
        if (delivery) yield delivery
        else await this.#buffer.wait()
      }
      if (this.#failure) throw this.#failure
    } finally {
      // A loop that is left on purpose has nothing more to answer.
      if (!this.#stopping) await this.#leave()
    }
  }

  async #stop(): Promise<void> {
    this.#buffer.wake()
    const { graceMs = defaultGraceMs } = this.#options
    await this.#buffer.allAnswered(graceMs, this.#leaving.signal)
    await this.#leave()
  }

  async #leave(): Promise<void> {
    this.#leaving.abort()
    await this.#session?.flush()
    this.#session?.end()
    await this.#running
  }

  #isLeaving(): boolean {
    return this.#leaving.signal.aborted
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal, logger } = this.#options
    const leave = (): void => void this.#leave()
    // Whoever consumes holds the consumer before it changes its state.
    await Promise.resolve()
    if (signal?.aborted) this.#leaving.abort()
    signal?.addEventListener('abort', leave)
    for (let retry = 0; !this.#isLeaving(); retry += 1) {
      // The first try after a connection that worked is immediate.
      if (retry > 1) await pause(backoffDelay(retry - 1, reconnect), this.#leaving.signal)
      if (this.#isLeaving()) break
      const cause = await this.#connect()
      if (this.#isLeaving() || this.#isFinal(cause)) break
      if (this.#state === 'consuming') retry = 0
      const { name } = this.#group
      logger.warn('A consumer lost its connection and joins its group again.', {
        group: name,
        cause,
      })
      this.#become('connecting', cause)
    }
    signal?.removeEventListener('abort', leave)
    this.#become('stopped', this.#failure)
    this.#buffer.wake()
  }

  async #connect(): Promise<unknown> {
    const { pool, times, bufferSize = defaultBufferSize } = this.#options
    const lease = pool.acquire()
    const commands = new GroupCommands(lease.client, this.#group)
    const session = new ConsumerSession(
      { lease, commands, bufferSize, times },
      {
        onConfirmed: () => this.#become('consuming'),
        onDelivery: (message) => this.#buffer.push(message, session),
      },
    )
    this.#session = session
    const cause = await session.run()
    this.#session = undefined
    // What was not handed out yet comes again; an answer to it would be in vain.
    this.#buffer.forget()
    return cause
  }

  #isFinal(cause: unknown): boolean {
    if (typeOf(cause) !== 'persistent-subscription-does-not-exist') return false
    this.#failure = new ConsumerGroupNotFoundError(this.#group.name, describeSource(this.#group), {
      cause,
    })
    return true
  }

  #become(to: ConsumerState, cause?: unknown): void {
    const from = this.#state
    if (from === to || from === 'stopped') return
    this.#state = to
    try {
      this.#options.onStateChange?.({ from, to, ...(cause !== undefined && { cause }) })
    } catch (error) {
      this.#options.logger.error('A listener for the state of a consumer failed.', { error })
    }
  }
}
