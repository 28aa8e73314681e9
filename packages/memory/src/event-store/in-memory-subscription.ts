import { setImmediate } from 'node:timers/promises'
import type {
  Clock,
  EventSubscription,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionBatch,
  SubscriptionState,
} from '@varve/core'
import type { EventLog } from './event-log.ts'
import type { InMemoryStream } from './in-memory-stream.ts'
import { isDelivered, pageSize } from './pages.ts'

/**
 * Reads on from one place in the log. Catching up and following are the same read, so there is no switch
 * at which an event could be missed or doubled; a slow consumer simply reads later.
 */
export class InMemorySubscription implements EventSubscription {
  readonly #log: EventLog
  readonly #events: readonly RecordedEvent[]
  readonly #stream: InMemoryStream | undefined
  readonly #clock: Clock
  readonly #options: SubscribeOptions
  readonly #accepts: (event: RecordedEvent) => boolean
  readonly #batches: AsyncGenerator<SubscriptionBatch, undefined>
  #state: SubscriptionState = 'connecting'
  #next: number
  #position: bigint | undefined
  #hasReachedEnd = false
  #isStopped = false
  #wake: () => void = () => undefined
  readonly #onAppend = (): void => this.#wake()

  constructor(log: EventLog, options: SubscribeOptions, clock: Clock) {
    this.#log = log
    this.#options = options
    this.#clock = clock
    this.#stream = options.stream === undefined ? undefined : log.stream(options.stream)
    this.#events = this.#stream?.events ?? log.events
    const after = options.stream === undefined ? options.after : options.afterRevision
    this.#next = after === undefined ? 0 : Number(after) + 1
    this.#position = options.after
    this.#accepts = filterOf(options)
    this.#batches = this.#run()
  }

  get state(): SubscriptionState {
    return this.#state
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#wake()
    this.#log.listeners.delete(this.#onAppend)
    if (this.#state === 'connecting') await this.#batches.return(undefined)
    this.#become('stopped')
  }

  [Symbol.asyncIterator](): AsyncIterator<SubscriptionBatch> {
    return this.#batches
  }

  async *#run(): AsyncGenerator<SubscriptionBatch, undefined> {
    this.#log.listeners.add(this.#onAppend)
    try {
      this.#become('catching-up')
      while (!this.#isStopped) {
        const batch = this.#take()
        if (!batch) {
          await new Promise<void>((resolve) => (this.#wake = resolve))
          continue
        }
        this.#become(batch.isCaughtUp ? 'live' : 'catching-up')
        yield batch
        // A long replay must not keep timers and sockets waiting.
        if (!batch.isCaughtUp) await setImmediate()
      }
    } finally {
      this.#log.listeners.delete(this.#onAppend)
      this.#become('stopped')
    }
  }

  /**
   * Returns what comes next; undefined where the end was reached and reported before.
   *
   * @throws {StreamDeletedError} The stream was deleted for good.
   */
  #take(): SubscriptionBatch | undefined {
    this.#stream?.checkAlive()
    const readable = this.#stream?.retention.firstReadable(this.#events, this.#clock.now()) ?? 0
    this.#next = Math.max(this.#next, readable)
    const end = Math.min(this.#next + pageSize, this.#events.length)
    if (end <= this.#next && this.#hasReachedEnd) return undefined
    const isCaughtUp = end >= this.#events.length
    const events = this.#events.slice(this.#next, end).filter(this.#accepts)
    const reached = isCaughtUp ? this.#log.events.at(-1) : this.#events[end - 1]
    this.#next = Math.max(this.#next, end)
    this.#hasReachedEnd = isCaughtUp
    if (reached && !(this.#position !== undefined && this.#position > reached.position))
      this.#position = reached.position
    return { events, position: this.#position, isCaughtUp }
  }

  #become(to: SubscriptionState): void {
    const from = this.#state
    if (from === to || from === 'stopped') return
    this.#state = to
    this.#options.onStateChange?.({ from, to })
  }
}

function filterOf({ types, streamPrefixes }: SubscribeOptions): (event: RecordedEvent) => boolean {
  if (types) {
    const wanted = new Set(types)
    return (event) => wanted.has(event.type) && isDelivered(event)
  }
  if (streamPrefixes)
    return (event) =>
      streamPrefixes.some((prefix) => event.stream.startsWith(prefix)) && isDelivered(event)
  return isDelivered
}
