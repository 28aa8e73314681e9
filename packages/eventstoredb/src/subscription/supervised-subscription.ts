import {
  type EventSubscription,
  type Logger,
  type RecordedEvent,
  StreamDeletedError,
  type StreamName,
  type SubscribeOptions,
  type SubscriptionBatch,
  type SubscriptionState,
} from '@varve/core'
import type { ClientPool } from '../connection/client-pool.ts'
import { InvalidSubscriptionError } from '../eventstoredb-errors.ts'
import { backoffDelay } from '../failure/backoff.ts'
import { typeOf } from '../failure/classify-failure.ts'
import { pause } from '../failure/pause.ts'
import { BatchBuffer } from '../batching/batch-buffer.ts'
import type { SubscriptionSource } from './subscription-source.ts'
import { SubscriptionSession } from './subscription-session.ts'
import type { WatchdogTimes } from './watchdog.ts'

/** Short enough to be live again within two seconds of the server being back. */
const reconnect = { firstMs: 50, maxMs: 1000 }

/** What a {@link SupervisedSubscription} works with. */
export interface SupervisedSubscriptionOptions extends Pick<SubscribeOptions, 'onStateChange'> {
  readonly stream: StreamName | undefined
  readonly source: SubscriptionSource
  readonly pool: ClientPool
  readonly times: WatchdogTimes
  readonly logger: Logger
}

/** A subscription that reconnects for ever, after what it last accepted. */
export class SupervisedSubscription implements EventSubscription {
  readonly #options: SupervisedSubscriptionOptions
  readonly #buffer = new BatchBuffer<RecordedEvent>()
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #session: SubscriptionSession | undefined
  #state: SubscriptionState = 'connecting'
  #failure: Error | undefined
  #isIterated = false

  constructor(options: SupervisedSubscriptionOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  get state(): SubscriptionState {
    return this.#state
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#session?.end()
    this.#buffer.wake()
    await this.#running
  }

  [Symbol.asyncIterator](): AsyncIterator<SubscriptionBatch> {
    if (this.#isIterated)
      throw new InvalidSubscriptionError('it is iterated a second time; subscribe again instead')
    this.#isIterated = true
    return this.#batches()
  }

  async *#batches(): AsyncGenerator<SubscriptionBatch, undefined> {
    try {
      while (!this.#isStopping()) {
        if (this.#buffer.hasNews) yield this.#take()
        else if (this.#failure) throw this.#failure
        else await this.#buffer.wait()
      }
    } finally {
      await this.stop()
    }
  }

  #take(): SubscriptionBatch {
    const isCaughtUp = this.#state === 'live' && this.#session?.isPaused === false
    const events = this.#buffer.take()
    this.#session?.resume()
    return { events, position: this.#options.source.position, isCaughtUp }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    // Whoever subscribes holds the subscription before it changes its state.
    await Promise.resolve()
    for (let retry = 0; !this.#isStopping(); retry += 1) {
      // The first try after a connection that worked is immediate.
      if (retry > 1) await pause(backoffDelay(retry - 1, reconnect), this.#stopping.signal)
      if (this.#isStopping()) break
      const { source, logger } = this.#options
      const before = source.position
      const cause = await this.#connect()
      if (this.#isStopping() || this.#isFinal(cause)) break
      if (this.#state === 'live' || source.position !== before) retry = 0
      logger.warn('A subscription lost its connection and resumes.', {
        subscription: source.description,
        position: source.position,
        cause,
      })
      this.#become('connecting', cause)
    }
    this.#become('stopped', this.#failure)
    this.#buffer.wake()
  }

  #isFinal(cause: unknown): boolean {
    const { stream } = this.#options
    if (stream === undefined || typeOf(cause) !== 'stream-deleted') return false
    this.#failure = new StreamDeletedError(stream, { cause })
    return true
  }

  async #connect(): Promise<unknown> {
    const { source, pool, times } = this.#options
    this.#session = new SubscriptionSession(
      source,
      pool.acquire(),
      {
        onConfirmed: () => this.#become('catching-up'),
        onEvent: (event) => this.#buffer.push(event),
        onMoved: () => this.#buffer.tell(),
        onCaughtUp: () => {
          if (this.#state === 'live') return
          this.#become('live')
          this.#buffer.tell()
        },
        onFellBehind: () => this.#become('catching-up'),
        onStalled: () => this.#become('stalled'),
        isFull: () => this.#buffer.isFull,
      },
      times,
    )
    const cause = await this.#session.run()
    this.#session = undefined
    return cause
  }

  #become(to: SubscriptionState, cause?: unknown): void {
    const from = this.#state
    if (from === to || from === 'stopped') return
    this.#state = to
    try {
      this.#options.onStateChange?.({ from, to, ...(cause !== undefined && { cause }) })
    } catch (error) {
      this.#options.logger.error('A listener for the state of a subscription failed.', { error })
    }
  }
}
