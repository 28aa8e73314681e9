import {
  type AggregateDefinition,
  type AggregateRepository,
  type ApplicationModel,
  type CommandBus,
  type CommandDefinition,
  type CommandResult,
  type Constructor,
  type EventHandlers,
  type ExecuteOptions,
  type LiveQueries,
  type LiveQuery,
  type LiveQueryOptions,
  type PointInTime,
  type Projections,
  type Query,
  type QueryBus,
  type QueryOptions,
  type ResultOf,
  AggregateNotFoundError,
} from '@varve/core'
import { UnknownAggregateError } from './application-errors.ts'

/** Options of {@link Application.load}. */
export interface LoadOptions {
  /** The point in the past to see it at. Default: now. */
  readonly at?: PointInTime
}

/** The projections of a running application. */
export interface ApplicationProjections extends Pick<
  Projections,
  'status' | 'rebuild' | 'rebuildAll' | 'rollback' | 'deadLetters' | 'pause' | 'resume'
> {
  /**
   * Stops a projection in this process only; others go on, and take its work over.
   *
   * @throws {UnknownProjectionError}
   */
  stop(name: string): Promise<void>
  /**
   * Starts a projection again, after a stop or after it halted.
   *
   * @throws {UnknownProjectionError}
   */
  start(name: string): void
}

/** The event handlers of a running application. */
export type ApplicationEventHandlers = Omit<EventHandlers, 'start' | 'stop'>

/** The live queries of a running application. */
export type ApplicationLiveQueries = Pick<LiveQueries, 'status'>

/** What an application is wired from. */
export interface ApplicationParts {
  readonly model: ApplicationModel
  readonly commands: CommandBus
  readonly queries: QueryBus
  readonly live: LiveQueries
  readonly projections: Projections
  readonly eventHandlers: EventHandlers
  readonly close: () => Promise<void>
}

/** A running application: takes commands, answers queries, shows the past. */
export class Application implements AsyncDisposable {
  readonly projections: ApplicationProjections
  readonly eventHandlers: ApplicationEventHandlers
  readonly liveQueries: ApplicationLiveQueries
  readonly #parts: ApplicationParts
  #closing: Promise<void> | undefined

  constructor(parts: ApplicationParts) {
    this.#parts = parts
    const { projections, eventHandlers, live } = parts
    this.eventHandlers = eventHandlers
    this.liveQueries = live
    this.projections = {
      status: () => projections.status(),
      rebuild: projections.rebuild.bind(projections),
      rebuildAll: (options) => projections.rebuildAll(options),
      rollback: (name) => projections.rollback(name),
      deadLetters: (name) => projections.deadLetters(name),
      pause: (name) => projections.pause(name),
      resume: (name) => projections.resume(name),
      stop: (name) => projections.runner(name).stop(),
      start: (name) => projections.runner(name).start(),
    }
  }

  /**
   * Carries out a command: validates it, loads its aggregate, decides, appends.
   *
   * @param command Class or definition of the command.
   * @param payload The command's fields, or an instance of its class.
   * @throws {UnknownCommandError} Nobody handles it.
   * @throws {InvalidMessageError} It breaks a rule; every broken rule is listed.
   * @throws {ConcurrencyError} Other writers were first in every try.
   */
  execute<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options?: ExecuteOptions,
  ): Promise<CommandResult> {
    return this.#parts.commands.execute(command, payload, options)
  }

  /**
   * Has a query's handler answer it: live, after a write, or as of a point in the past.
   *
   * @throws {UnknownQueryError} Nobody answers it.
   * @throws {ProjectionLagError} `after` was not reached in time.
   * @throws {PointInTimeError} `asOf` does not apply to what the handler reads.
   */
  query<Q extends Query<unknown>>(query: Q, options?: QueryOptions): Promise<ResultOf<Q>> {
    return this.#parts.queries.query(query, options)
  }

  /**
   * Has a query's handler answer it, and again after every change to the documents it has read: by this process, or
   * by another one. To be iterated, and closed: by leaving the loop, by {@link LiveQuery.close} or by `await using`.
   *
   * @throws {UnknownQueryError} Nobody answers it.
   * @throws {LiveQueriesClosedError} The application is closed.
   */
  subscribe<Q extends Query<unknown>>(
    query: Q,
    options?: LiveQueryOptions,
  ): LiveQuery<ResultOf<Q>> {
    return this.#parts.live.subscribe(query, options)
  }

  /**
   * Loads an aggregate, as it is or as it was.
   *
   * @throws {AggregateNotFoundError} It has no events, or had none by then.
   * @throws {PointInTimeError} The point lies outside of its past.
   */
  async load<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    { at }: LoadOptions = {},
  ): Promise<State> {
    const repository = this.#repositoryOf(aggregate)
    const loaded = at ? await repository.loadAt(id, at) : await repository.load(id)
    if (loaded.revision === undefined)
      throw new AggregateNotFoundError(repository.definition.category, id)
    return loaded.state as State
  }

  /** Finishes what is under way, stops event handlers and projections, and frees all connections. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#parts.close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #repositoryOf(aggregate: Constructor | AggregateDefinition): AggregateRepository {
    const { model, commands } = this.#parts
    const found = model.aggregates.find((one) => one === aggregate || one.class === aggregate)
    if (!found) {
      const name = typeof aggregate === 'function' ? aggregate.name : aggregate.category
      throw new UnknownAggregateError(
        name,
        model.aggregates.map(({ category }) => category),
      )
    }
    return commands.repositoryOf(found.category)
  }
}
