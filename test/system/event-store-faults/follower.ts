import { EventEmitter, once } from 'node:events'
import type { EventStore, RecordedEvent, SubscribeOptions } from '@varve/core'
import type { SeededRandom } from '@varve/testing'

/** What a subscriber asks for. */
export type Selection = Pick<SubscribeOptions, 'types' | 'streamPrefixes' | 'stream'>

/** An event as a subscriber received it. */
export interface Received {
  readonly id: string
  readonly position: bigint
  readonly recordedAt: number
  readonly receivedAt: number
}

/** Follows the store beside the writers and keeps what it received. */
export class Follower {
  readonly name: string
  readonly selection: Selection
  readonly received: Received[] = []
  /** How often it died and went on from its checkpoint. */
  deaths = 0
  readonly #news = new EventEmitter()
  readonly #stopping = new AbortController()

  constructor(name: string, selection: Selection) {
    this.name = name
    this.selection = selection
    this.#news.setMaxListeners(0)
  }

  /** Follows until it is stopped. */
  async follow(store: EventStore): Promise<void> {
    const subscription = store.subscribe(this.selection)
    this.#stopping.signal.addEventListener('abort', () => void subscription.stop())
    for await (const { events } of subscription) this.#take(events)
  }

  /**
   * Follows, and again and again loses the batch at hand, and everything but its checkpoint with it, as a
   * process does that dies.
   *
   * @param open Opens the store the next life works with.
   */
  async followAndDie(open: () => EventStore, random: SeededRandom): Promise<void> {
    let checkpoint: bigint | undefined
    while (!this.#stopping.signal.aborted) {
      const store = open()
      let batches = random.integer(5, 60)
      const subscription = store.subscribe({
        ...this.selection,
        ...(checkpoint !== undefined && { after: checkpoint }),
      })
      const stop = (): void => void subscription.stop()
      this.#stopping.signal.addEventListener('abort', stop)
      for await (const { events, position } of subscription) {
        if (--batches === 0) break
        this.#take(events)
        checkpoint = position
      }
      this.#stopping.signal.removeEventListener('abort', stop)
      this.deaths += 1
      await store.close()
    }
  }

  stop(): void {
    this.#stopping.abort()
  }

  /** Waits for an event that satisfies a condition; returns the first one. */
  async has(isIt: (event: Received) => boolean, signal: AbortSignal): Promise<Received> {
    for (let from = 0; ;) {
      const found = this.received.slice(from).find(isIt)
      if (found) return found
      from = this.received.length
      await once(this.#news, 'news', { signal })
    }
  }

  #take(events: readonly RecordedEvent[]): void {
    const receivedAt = Date.now()
    for (const { id, position, recordedAt } of events)
      this.received.push({ id, position, recordedAt: recordedAt.getTime(), receivedAt })
    if (events.length > 0) this.#news.emit('news')
  }
}
