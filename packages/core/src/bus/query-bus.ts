import type { DeadLetterStore } from '../dead-letter/dead-letter-store.ts'
import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { Constructor } from '../message/constructor.ts'
import { closeScope, type HandlerResolver } from '../message/handler-resolver.ts'
import type { Query, ResultOf } from '../message/query.ts'
import type { QueryContext, QueryHandlerDefinition } from '../message/query-handler-definition.ts'
import type { ApplicationModel, ReadModelRoute } from '../model/application-model.ts'
import { EventNotAppliedError } from '../projection/event-not-applied-error.ts'
import { missingEvent } from '../projection/missing-event.ts'
import { ProjectionLagError } from '../projection/projection-errors.ts'
import type { ProjectionPorts } from '../projection/projection-ports.ts'
import type { Projections } from '../projection/projections.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { ViewPoint } from '../read-model/read-model-store.ts'
import type { PastProgress, PastTuning } from '../time-travel/past-tuning.ts'
import { PastViews } from '../time-travel/past-views.ts'
import type { PointOrResult } from '../time-travel/point-in-time.ts'
import { UnknownQueryError } from './bus-errors.ts'
import { chain } from './command-envelope.ts'
import type { CommandResult } from './command-result.ts'
import type { QueryEnvelope, QueryMiddleware } from './query-envelope.ts'

/** What a caller may say of a query. */
export interface QueryOptions extends QueryContext {
  /** Waits until the read models the handler reads contain this command's events: read your own write. */
  readonly after?: CommandResult
  /** Longest wait for `after`, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number
  /**
   * What happens when `after` is not reached in time, or one of its events is a dead letter. Default `throw`;
   * `serve-stale` answers with what is there.
   */
  readonly onTimeout?: 'throw' | 'serve-stale'
  /** Hears what the answer lacks, where it is served stale. Default: a dead letter is a warning in the log. */
  readonly onStale?: (error: ProjectionLagError | EventNotAppliedError) => void
  /**
   * Runs the same handler on the read models as they were: at a position, a date, or right after a command. It may run
   * more than once, where a read model without history is folded for it.
   */
  readonly asOf?: PointOrResult
  /** Hears how far the fold for `asOf` is, where there is one. */
  readonly onProgress?: (progress: PastProgress) => void
}

/** A query and who answers it, to be asked more than once. */
export interface RoutedQuery<Result> {
  /** What the handler reads, in its order. */
  readonly reads: readonly ReadModelRoute[]
  /** Waits until the read models contain a command's events; fails as {@link QueryBus.query} does. */
  readonly waitFor: (after: CommandResult, timeoutMs: number) => Promise<void>
  /** Takes one view for each of `reads`; the middleware of queries runs around each call. */
  readonly ask: (views: readonly unknown[]) => Promise<Result>
}

/** What the query side needs. */
export interface QueryBusOptions {
  readonly model: ApplicationModel
  readonly projections: Projections
  readonly ports: ProjectionPorts
  /** Runs around every query, the first one outermost. Default none. */
  readonly middleware?: readonly QueryMiddleware[]
  /** How the past of read models without history is answered. */
  readonly past?: PastTuning
}

interface Asked {
  readonly handler: QueryHandlerDefinition
  readonly query: Query<unknown>
  readonly context: QueryContext
}

/** Answers queries from read models: live, after a write, or in the past. */
export class QueryBus {
  readonly #model: ApplicationModel
  readonly #projections: Projections
  readonly #past: PastViews
  readonly #eventStore: EventStore
  readonly #codec: EventCodec
  readonly #deadLetters: DeadLetterStore
  readonly #resolver: HandlerResolver
  readonly #logger: Logger
  readonly #middleware: readonly QueryMiddleware[]

  constructor({ model, projections, ports, middleware = [], past = {} }: QueryBusOptions) {
    this.#model = model
    this.#projections = projections
    this.#past = new PastViews({ model, ports, projections, tuning: past })
    this.#eventStore = ports.eventStore
    this.#codec = ports.codec
    this.#deadLetters = ports.readModels.deadLetters
    this.#resolver = ports.resolver
    this.#logger = ports.logger
    this.#middleware = middleware
  }

  /**
   * Has a query's handler answer it.
   *
   * @throws {UnknownQueryError} Nobody answers it.
   * @throws {ProjectionLagError} `after` was not reached in time, and `onTimeout` is `throw`.
   * @throws {EventNotAppliedError} An event of `after` is a dead letter, and `onTimeout` is `throw`.
   * @throws {PointInTimeError} `asOf` does not apply to what the handler reads.
   */
  async query<Q extends Query<unknown>>(
    query: Q,
    options: QueryOptions = {},
  ): Promise<ResultOf<Q>> {
    const handler = this.#handlerOf(query)
    const reads = this.#readsOf(handler)
    const answer = chain(this.#middleware, async (envelope: QueryEnvelope): Promise<unknown> => {
      const { after, asOf, timeoutMs = 5_000, onTimeout, onStale } = envelope.options
      if (after) {
        const waiting = this.#waitForAll(reads, after, timeoutMs)
        await (onTimeout === 'serve-stale'
          ? waiting.catch((error: unknown) => this.#serveStale(error, onStale))
          : waiting)
      }
      if (asOf === undefined) {
        const views = await Promise.all(reads.map((one) => this.#projections.liveView(one)))
        return this.#ask({ handler, query, context: envelope.options }, views)
      }
      const { onProgress } = envelope.options
      return this.#past.ask({ reads, at: asOf, timeoutMs, onProgress }, (views) =>
        this.#ask({ handler, query, context: envelope.options }, views),
      )
    })
    return (await answer({ query, options })) as ResultOf<Q>
  }

  /** Drops what processes that died have left of queries of the past. */
  sweepPast(): Promise<void> {
    return this.#past.sweep()
  }

  /** Keeps what is folded for queries of a point, until what it returns is called. */
  holdPast(point: ViewPoint): () => Promise<void> {
    return this.#past.hold(point)
  }

  /** Has queries of the past fold anew from now on: the events do not say what they said before. */
  refreshPast(): Promise<void> {
    return this.#past.clear()
  }

  /** Drops what was folded for queries of the past. */
  close(): Promise<void> {
    return this.#past.close()
  }

  /**
   * Finds who answers a query.
   *
   * @throws {UnknownQueryError} Nobody does.
   */
  route<Q extends Query<unknown>>(query: Q, options: QueryContext = {}): RoutedQuery<ResultOf<Q>> {
    const handler = this.#handlerOf(query)
    const reads = this.#readsOf(handler)
    return {
      reads,
      waitFor: (after, timeoutMs) => this.#waitForAll(reads, after, timeoutMs),
      ask: async (views) => {
        const answer = chain(this.#middleware, (envelope: QueryEnvelope) =>
          this.#ask({ handler, query, context: envelope.options }, views),
        )
        return (await answer({ query, options })) as ResultOf<Q>
      },
    }
  }

  #handlerOf(query: unknown): QueryHandlerDefinition {
    const queryClass = (query as object | null | undefined)?.constructor
    const handler = queryClass && this.#model.queries.get(queryClass)
    if (handler) return handler
    throw new UnknownQueryError(
      queryClass ? `query ${queryClass.name}` : `${String(query)}, which is no instance of a query`,
      [...this.#model.queries.keys()].map((known) => (known as Constructor).name),
    )
  }

  #readsOf({ reads }: QueryHandlerDefinition): readonly ReadModelRoute[] {
    return reads.map((model) => this.#model.readModels.get(model.name) as ReadModelRoute)
  }

  async #ask({ handler, query, context }: Asked, views: readonly unknown[]): Promise<unknown> {
    const scope = this.#resolver.open()
    try {
      return await handler.execute(query, views, scope, context)
    } finally {
      await closeScope(scope, this.#logger)
    }
  }

  async #waitForAll(
    reads: readonly ReadModelRoute[],
    after: CommandResult,
    timeoutMs: number,
  ): Promise<void> {
    await Promise.all(reads.map((route) => this.#waitFor(route, after, timeoutMs)))
  }

  async #waitFor(route: ReadModelRoute, after: CommandResult, timeoutMs: number): Promise<void> {
    const position = await this.#lastRelevantPosition(route, after)
    if (position === undefined) return
    const { name } = route.projection
    await this.#projections.waitFor(name, position, timeoutMs)
    if (!this.#projections.runner(name).mayHaveLetters) return
    const generation = await this.#projections.activeGeneration(route)
    const letter = await missingEvent(this.#deadLetters, route, generation, after)
    if (letter) throw new EventNotAppliedError(name, route.model.name, letter)
  }

  #serveStale(error: unknown, onStale: QueryOptions['onStale']): void {
    const isMissing = error instanceof EventNotAppliedError
    if (!isMissing && !(error instanceof ProjectionLagError)) throw error
    if (onStale) onStale(error)
    else if (isMissing)
      this.#logger.warn('A query was answered without an event it was to be answered after.', {
        error,
      })
  }

  /** A projection never hears of events it did not ask for, so only those it did count. */
  async #lastRelevantPosition(
    { projection }: ReadModelRoute,
    result: CommandResult,
  ): Promise<bigint | undefined> {
    const { events, revision, position, isRepeated } = result
    if (revision === undefined || (events.length === 0 && !isRepeated)) return undefined
    const asked = projection.handlers.map(({ event }) => event.type)
    const wanted = new Set<string | undefined>(asked)
    const types = events.map((event) => this.#codec.definitionOf(event)?.type)
    if (!isRepeated) {
      if (wanted.has(types.at(-1))) return position
      if (types.every((type) => type !== undefined && !wanted.has(type))) return undefined
    }
    // Another event follows the relevant one, a result from another process lost its classes, or its events stand for
    // others by now: the log knows.
    return this.#lastStored(result, new Set(this.#codec.storedTypesOf(asked)))
  }

  async #lastStored(
    { stream, revision, commandId, events, isRepeated }: CommandResult,
    wanted: ReadonlySet<string>,
  ): Promise<bigint | undefined> {
    if (revision === undefined) return undefined
    const limit = { limit: events.length }
    const options = { from: revision, direction: 'backwards', ...(!isRepeated && limit) } as const
    for await (const batch of this.#eventStore.readStream(stream, options))
      for (const { type, position, metadata } of batch) {
        if (isRepeated && metadata.commandId !== commandId) return undefined
        if (wanted.has(type)) return position
      }
    return undefined
  }
}
