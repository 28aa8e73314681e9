import { BatchBuffer } from '../batching/batch-buffer.ts'
import type { GuardedClient } from '../connection/guarded-client.ts'
import { ReadCall } from './read-call.ts'
import type { ReadCursor } from './read-cursor.ts'

/** Large enough that waking the reader costs nothing, small enough for the young generation. */
const batchSize = 250

/** One page: what it holds, in batches, as they come. */
export class PageStream<Item> {
  readonly #buffer = new BatchBuffer<Item>(batchSize)
  readonly #call: ReadCall
  readonly #fullAt: number
  #received = 0
  #isEnded = false
  #failure: Error | undefined

  constructor(
    client: GuardedClient,
    cursor: ReadCursor<Item>,
    { size, silenceMs }: { readonly size: number; readonly silenceMs: number },
  ) {
    const { read, fullAt } = cursor.open(client, size)
    this.#fullAt = fullAt
    this.#call = new ReadCall(client, read, silenceMs, {
      onDelivery: (delivery) => {
        this.#received += 1
        const item = cursor.accept(delivery)
        if (item === undefined) return
        this.#buffer.push(item)
        if (this.#buffer.isFull) this.#call.pause()
      },
      onEnd: (failure) => {
        this.#isEnded = true
        this.#failure = failure
        this.#buffer.wake()
      },
    })
  }

  /** Whether anything was received. */
  get hasProgress(): boolean {
    return this.#received > 0
  }

  /** Whether the server had no more than this. */
  get isLast(): boolean {
    return this.#isEnded && this.#failure === undefined && this.#received < this.#fullAt
  }

  /**
   * Returns the next items; undefined at the end of the page.
   *
   * @throws What ended the page early, after everything that came before it.
   */
  async next(): Promise<readonly Item[] | undefined> {
    while (!this.#buffer.hasNews && !this.#isEnded) await this.#buffer.wait()
    const items = this.#buffer.take()
    this.#call.resume()
    if (items.length > 0) return items
    if (this.#failure) throw this.#failure
    return undefined
  }

  /** Leaves no call behind. */
  close(): void {
    this.#call.close()
  }
}
