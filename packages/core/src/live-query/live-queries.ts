import type { QueryBus } from '../bus/query-bus.ts'
import type { Query, ResultOf } from '../message/query.ts'
import { LiveQueriesClosedError } from './live-query-errors.ts'
import type { LiveQuery, LiveQueryOptions } from './live-query.ts'
import type { FeedState, ReadModelFeed } from './read-model-feed.ts'
import { RunningLiveQuery } from './running-live-query.ts'

/** What the live queries of a process are doing. */
export interface LiveQueriesStatus {
  readonly state: FeedState
  /** How changes of other processes get here: `change stream`, `polling`; undefined while nobody subscribes. */
  readonly source: string | undefined
  readonly subscribers: number
  /** How often handlers were asked since the start of this process. */
  readonly runs: number
  /** How many of the runs had a result that differed from the one before. */
  readonly results: number
  /** How many of the runs failed. */
  readonly failures: number
  /** Why changes did not arrive the last time they did not. */
  readonly lastError: unknown
}

/** What live queries need. */
export interface LiveQueriesOptions {
  readonly queries: QueryBus
  readonly feed: ReadModelFeed
}

/** Queries whose results are told again whenever they change. */
export class LiveQueries {
  readonly #options: LiveQueriesOptions
  readonly #running = new Set<LiveQuery<unknown>>()
  readonly #runs = { new: 0, same: 0, failed: 0 }
  #isClosed = false

  constructor(options: LiveQueriesOptions) {
    this.#options = options
  }

  /**
   * Has a query answered, and again after every change to what its handler reads.
   *
   * @throws {UnknownQueryError} Nobody answers it.
   * @throws {LiveQueriesClosedError}
   */
  subscribe<Q extends Query<unknown>>(
    query: Q,
    options: LiveQueryOptions = {},
  ): LiveQuery<ResultOf<Q>> {
    const { name } = query.constructor
    if (this.#isClosed) throw new LiveQueriesClosedError(name)
    const { queries, feed } = this.#options
    const live = new RunningLiveQuery<ResultOf<Q>>({
      name,
      query: queries.route(query, options.tenant === undefined ? {} : { tenant: options.tenant }),
      feed,
      options,
      onRun: (outcome) => (this.#runs[outcome] += 1),
      onEnd: () => this.#running.delete(live),
    })
    this.#running.add(live)
    return live
  }

  status(): LiveQueriesStatus {
    const { state, source, lastError } = this.#options.feed
    const { new: results, same, failed: failures } = this.#runs
    const runs = results + same + failures
    return { state, source, subscribers: this.#running.size, runs, results, failures, lastError }
  }

  /** Ends all iterations and the watch behind them. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(Array.from(this.#running, (live) => live.close()))
    await this.#options.feed.close()
  }
}
