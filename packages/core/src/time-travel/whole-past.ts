import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import type { QueryBus, QueryOptions } from '../bus/query-bus.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { headOf } from '../event-store/log-head.ts'
import type { Constructor } from '../message/constructor.ts'
import type { Query, ResultOf } from '../message/query.ts'
import type { LogDates } from './log-dates.ts'
import { type PointInTime, pointOf, type PointOrResult } from './point-in-time.ts'

/** What a past is seen through. */
export interface WholePastPorts {
  readonly eventStore: EventStore
  readonly dates: LogDates
  readonly queries: QueryBus
  /** Loads an aggregate of a class or definition as it was at a position. */
  readonly load: <State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    options: PastLoadOptions & { readonly at: PointInTime },
  ) => Promise<State>
}

/** Options of {@link WholePast.load}. */
export interface PastLoadOptions {
  /** Whose it is. Needed where the application keeps tenants apart. */
  readonly tenant?: string
}

/**
 * Everything as of one position of the log: all aggregates and all read models, so that what is loaded and what is
 * queried always fit together. Dispose it after use: what was folded for its queries is then dropped.
 */
export class WholePast implements AsyncDisposable {
  /** The last event in it; undefined: nothing was recorded by then. */
  readonly position: bigint | undefined
  readonly #ports: WholePastPorts
  readonly #release: () => Promise<void>

  private constructor(ports: WholePastPorts, position: bigint | undefined) {
    this.position = position
    this.#ports = ports
    this.#release = ports.queries.holdPast({ position: position ?? -1n })
  }

  /**
   * Opens the past as of a point. One in the future is now: what comes later is not in it.
   *
   * @throws {PointInTimeError} The point is a revision, or not valid.
   */
  static async open(ports: WholePastPorts, at: PointOrResult): Promise<WholePast> {
    const { position, date } = pointOf('The whole past', at, 'log')
    if (date) return new WholePast(ports, await ports.dates.positionAt(date))
    const head = await headOf(ports.eventStore)
    const isThere = position !== undefined && head !== undefined && position <= head
    return new WholePast(ports, isThere ? position : head)
  }

  /**
   * Loads an aggregate as it was.
   *
   * @throws {AggregateNotFoundError} It had no events by then.
   */
  async load<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    options: PastLoadOptions = {},
  ): Promise<State> {
    return this.#ports.load(aggregate, id, { ...options, at: { position: this.position ?? -1n } })
  }

  /** Has a query's handler answer it from the read models as they were. */
  query<Q extends Query<unknown>>(
    query: Q,
    options: Omit<QueryOptions, 'asOf' | 'after' | 'onTimeout'> = {},
  ): Promise<ResultOf<Q>> {
    const asOf = { position: this.position ?? -1n }
    return this.#ports.queries.query(query, { ...options, asOf })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#release()
  }
}
