import { EventStoreClosedError } from '@varve/core'
import type { ClientPool } from '../connection/client-pool.ts'
import { isConnectionInDoubt, typeOf } from '../failure/classify-failure.ts'
import { RetryBudget, type RetryPolicy } from '../failure/retry-budget.ts'
import type { Attempt } from '../failure/translate-failure.ts'
import { PageStream } from './page-stream.ts'
import type { ReadCursor } from './read-cursor.ts'

/** Events asked for in the first call. Most streams are shorter than that. */
export const firstPageSize = 1000
/** Events asked for in each further call; a call costs about as much as thirty events. */
const laterPageSize = 8000

/** What a {@link PageReader} works with. */
export interface PageReaderOptions {
  readonly pool: ClientPool
  readonly address: string
  readonly retry: RetryPolicy
  /** Longest silence in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Reads page by page, each a call of its own that is cancelled when its reader leaves, and reads on after
 * the last event yielded when a page breaks off.
 */
export class PageReader {
  readonly #options: PageReaderOptions
  #isClosed = false

  constructor(options: PageReaderOptions) {
    this.#options = options
  }

  /** Ends what is being read with an error. */
  close(): void {
    this.#isClosed = true
  }

  /** Yields batches until the cursor, the limit or the log ends. */
  async *read<Item>(
    cursor: ReadCursor<Item>,
    attempt: Omit<Attempt, 'address'>,
    limit = Infinity,
  ): AsyncGenerator<readonly Item[], undefined> {
    const { address, retry } = this.#options
    const budget = new RetryBudget(retry, { ...attempt, address })
    const left = { items: limit }
    for (let size = firstPageSize; left.items > 0 && !cursor.isExhausted; size = laterPageSize) {
      this.#checkOpen(attempt.operation)
      try {
        if (yield* this.#page(cursor, Math.min(left.items, size), left)) return
        budget.renew()
      } catch (failure) {
        this.#checkOpen(attempt.operation)
        if (!(failure instanceof BrokenPage)) throw failure
        if (failure.hasProgress) budget.renew()
        await budget.pauseAfter(failure.cause)
      }
    }
  }

  /** Returns whether there is nothing after this page. */
  async *#page<Item>(
    cursor: ReadCursor<Item>,
    size: number,
    left: { items: number },
  ): AsyncGenerator<readonly Item[], boolean> {
    const lease = this.#options.pool.acquire()
    let page: PageStream<Item> | undefined
    try {
      page = new PageStream(lease.client, cursor, { size, silenceMs: this.#options.timeoutMs })
      for (;;) {
        const items = await page.next()
        if (!items) return page.isLast
        left.items -= items.length
        yield items
      }
    } catch (cause) {
      if (typeOf(cause) === 'stream-not-found') return true
      if (isConnectionInDoubt(cause)) lease.retire()
      throw new BrokenPage(page?.hasProgress ?? false, { cause })
    } finally {
      page?.close()
      lease.release()
    }
  }

  #checkOpen(operation: string): void {
    if (this.#isClosed) throw new EventStoreClosedError(operation)
  }
}

/** A page broke off. Never leaves this file. */
class BrokenPage extends Error {
  readonly hasProgress: boolean

  constructor(hasProgress: boolean, options: ErrorOptions) {
    super('A page of a read broke off.', options)
    this.hasProgress = hasProgress
  }
}
