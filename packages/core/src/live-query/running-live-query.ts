import { pause } from '../bus/pause.ts'
import type { RoutedQuery } from '../bus/query-bus.ts'
import { DocumentSet } from './document-set.ts'
import { LatestResult } from './latest-result.ts'
import type { LiveQuery, LiveQueryOptions } from './live-query.ts'
import { LiveQueryIteratedError } from './live-query-errors.ts'
import type { FeedSubscription, ReadModelFeed } from './read-model-feed.ts'
import { trackView } from './tracked-view.ts'

const longestBackoffMs = 2_000
const longestRestMs = 50

/** What a live query is made of. */
export interface RunningLiveQueryOptions<Result> {
  /** For messages. */
  readonly name: string
  readonly query: RoutedQuery<Result>
  readonly feed: ReadModelFeed
  readonly options: LiveQueryOptions
  /** Hears of each time the handler was asked. */
  readonly onRun: (outcome: 'new' | 'same' | 'failed') => void
  /** Hears that nothing of it is left. */
  readonly onEnd: () => void
}

/**
 * A live query at work: listens, asks, and asks again when something changed that it has read. At most one run at a
 * time; what changes during a run is followed by another one.
 */
export class RunningLiveQuery<Result> implements LiveQuery<Result> {
  readonly #parts: RunningLiveQueryOptions<Result>
  readonly #results = new LatestResult<Result>()
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  /** Something that was read may have changed since the last run began. */
  #isDirty = true
  /** What the last run read. */
  #read = new DocumentSet()
  /** What changed during this run. */
  #missed: DocumentSet | undefined
  #failures = 0
  #hasResult = false
  #restUntil = 0
  #isIterated = false
  #wake = (): void => undefined

  constructor(parts: RunningLiveQueryOptions<Result>) {
    this.#parts = parts
    const { signal } = parts.options
    if (signal?.aborted) this.#end()
    else signal?.addEventListener('abort', this.#end, { once: true })
    this.#running = this.#run()
  }

  [Symbol.asyncIterator](): AsyncIterator<Result, undefined> {
    if (this.#isIterated) throw new LiveQueryIteratedError(this.#parts.name)
    this.#isIterated = true
    return {
      next: () => {
        if (this.#isDirty) this.#results.discard()
        const next = this.#results.take()
        this.#wake()
        return next
      },
      return: async () => {
        await this.close()
        return { done: true, value: undefined }
      },
    }
  }

  async close(): Promise<void> {
    this.#end()
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #end = (): void => {
    this.#closing.abort()
    this.#results.end()
    this.#wake()
  }

  async #run(): Promise<void> {
    const { query, feed, options, onEnd } = this.#parts
    let listening: FeedSubscription | undefined
    try {
      await this.#reach(options)
      if (this.#isClosed) return
      listening = await feed.listen(query.reads, (changed) => this.#hear(changed))
      // The command's events may be in a generation that this process has not heard of yet.
      if (options.after) await listening.refresh()
      while (await this.#isNeeded()) await this.#ask(listening)
    } catch (error) {
      this.#results.end({ error })
    } finally {
      options.signal?.removeEventListener('abort', this.#end)
      await listening?.close()
      onEnd()
    }
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Waits for the command to be seen, unless it is closed before. */
  async #reach({ after, timeoutMs = 5_000 }: LiveQueryOptions): Promise<void> {
    if (!after) return
    const { signal } = this.#closing
    const closed = new AbortController()
    try {
      const waiting = this.#parts.query.waitFor(after, timeoutMs)
      await Promise.race([waiting, raised(AbortSignal.any([signal, closed.signal]))])
    } finally {
      closed.abort()
    }
  }

  #hear(changed: DocumentSet): void {
    if (this.#isDirty) return
    if (this.#missed) this.#missed.addAll(changed)
    else if (changed.meets(this.#read)) {
      this.#isDirty = true
      this.#wake()
    }
  }

  /** Waits until another run would be of use. */
  async #isNeeded(): Promise<boolean> {
    while (!this.#isClosed && !(this.#isDirty && this.#results.isWanted))
      await new Promise<void>((resolve) => (this.#wake = resolve))
    // Rests as long as it worked: a lone change never waits, and many take no more than half of the time.
    const restMs = this.#restUntil - performance.now()
    if (restMs >= 1) await pause(restMs, this.#closing.signal)
    return !this.#isClosed
  }

  async #ask(listening: FeedSubscription): Promise<void> {
    const { query, feed, onRun } = this.#parts
    const read = new DocumentSet()
    const missed = (this.#missed = new DocumentSet())
    const startedAt = performance.now()
    this.#isDirty = false
    try {
      const views = query.reads.map((route) =>
        trackView(listening.view(route), (ids) => read.add(route.model.name, ids)),
      )
      const result = await query.ask(views)
      // Answered by middleware, which may know from anywhere.
      if (read.isEmpty) for (const { model } of query.reads) read.add(model.name, undefined)
      this.#read = read
      this.#isDirty = missed.meets(read)
      this.#failures = 0
      this.#hasResult = true
      onRun(this.#results.put(result) ? 'new' : 'same')
    } catch (error) {
      onRun('failed')
      if (!this.#hasResult || !feed.isUnavailable(error)) throw error
      this.#isDirty = true
      await pause(Math.min(longestBackoffMs, 50 * 2 ** this.#failures), this.#closing.signal)
      this.#failures += 1
    } finally {
      this.#missed = undefined
    }
    const now = performance.now()
    this.#restUntil = now + Math.min(longestRestMs, now - startedAt)
  }
}

/** Is fulfilled when a signal is raised. */
function raised(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
