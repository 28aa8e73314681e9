import {
  type AggregateDefinition,
  type AggregateDiff,
  type AggregateRepository,
  type ApplicationModel,
  type AuditEntry,
  type AuditOptions,
  type CommandBus,
  type CommandDefinition,
  type CommandResult,
  type Constructor,
  type EventHandlers,
  type ExecuteOptions,
  type HistoryEntry,
  type HistoryOptions,
  type LiveQueries,
  type LiveQuery,
  type LiveQueryOptions,
  type PointOrResult,
  type Projections,
  type Query,
  type QueryBus,
  type QueryOptions,
  requireTenant,
  type ResultOf,
  type Snapshots,
  type SeparatedTenants,
  tenantId,
  type WhatIfOptions,
  type WhatIfResult,
  type WholePast,
  AggregateNotFoundError,
} from '@varve/core'
import { ApplicationSnapshots } from './application-snapshots.ts'
import type { ForgetOptions, ForgetResult, Privacy } from '../privacy/open-privacy.ts'
import { findAggregate } from './find-aggregate.ts'
import { type OfTenant, TimeTravel, type TimeTravelPorts } from './time-travel.ts'

/** Options of {@link Application.load}. */
export interface LoadOptions {
  /** The point in the past to see it at, or right after a command. Default: now. */
  readonly at?: PointOrResult
  /** Whose it is. Needed where the application keeps tenants apart. */
  readonly tenant?: string
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
  /** Undefined: tenants are not kept apart. */
  readonly tenants: SeparatedTenants | undefined
  readonly commands: CommandBus
  readonly queries: QueryBus
  readonly live: LiveQueries
  readonly projections: Projections
  readonly eventHandlers: EventHandlers
  readonly past: TimeTravelPorts
  readonly snapshots: Snapshots
  readonly forget: Privacy['forget']
  readonly close: () => Promise<void>
}

/** A running application: takes commands, answers queries, shows the past. */
export class Application implements AsyncDisposable {
  readonly projections: ApplicationProjections
  readonly eventHandlers: ApplicationEventHandlers
  readonly liveQueries: ApplicationLiveQueries
  readonly snapshots: ApplicationSnapshots
  readonly #parts: ApplicationParts
  readonly #past: TimeTravel
  #closing: Promise<void> | undefined

  constructor(parts: ApplicationParts) {
    this.#parts = parts
    this.#past = new TimeTravel(parts.past, {
      ...parts,
      repositoryOf: (aggregate) => this.#repositoryOf(aggregate),
      storedId: (category, id, tenant) =>
        this.#storedId(parts.commands.repositoryOf(category), id, tenant),
      load: (aggregate, id, options) => this.load(aggregate, id, options),
    })
    this.snapshots = new ApplicationSnapshots({
      ...parts,
      repositoryOf: (aggregate) => this.#repositoryOf(aggregate),
      storedId: (repository, id, tenant) => this.#storedId(repository, id, tenant),
    })
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
   * @throws {CommandIdReusedError} Its id belongs to another command.
   * @throws {SeveralAggregatesError} It was sent by the handler of another command.
   * @throws {AggregateBusyError} Too many commands wait for its aggregate, or the one before it does not end.
   * @throws {TenantRequiredError} The application keeps tenants apart, and none is given.
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
   * @throws {EventNotAppliedError} An event of `after` is a dead letter.
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
   * @throws {TenantRequiredError} The application keeps tenants apart, and none is given.
   */
  async load<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    { at, tenant }: LoadOptions = {},
  ): Promise<State> {
    const repository = this.#repositoryOf(aggregate)
    const stored = this.#storedId(repository, id, tenant)
    const loaded =
      at === undefined ? await repository.load(stored) : await repository.loadAt(stored, at)
    if (loaded.revision === undefined)
      throw new AggregateNotFoundError(repository.definition.category, id)
    return loaded.state as State
  }

  /**
   * Yields the events of an aggregate, oldest first, each with the state before and after it, and where they differ.
   *
   * @throws {AggregateNotFoundError} It has no events.
   * @throws {PointInTimeError} `from` or `to` is no point of its past.
   */
  history<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    options: HistoryOptions & OfTenant = {},
  ): AsyncIterable<HistoryEntry<State>> {
    return this.#past.history(aggregate, id, options)
  }

  /**
   * Compares an aggregate at two points. Where it had no events by one of them, that is its initial state.
   *
   * @throws {AggregateNotFoundError} It had none by either.
   * @throws {PointInTimeError} One of the points is not of its past.
   */
  diff<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    ...[from, to, options]: [from: PointOrResult, to: PointOrResult, options?: OfTenant]
  ): Promise<AggregateDiff<State>> {
    return this.#past.diff(aggregate, id, { ...options, from, to })
  }

  /**
   * Tries a command on a state as it was: validates it and has its handler decide. Nothing is stored, and no
   * middleware runs.
   *
   * @throws {UnknownCommandError} Nobody handles it.
   * @throws {InvalidMessageError} It breaks a rule.
   * @throws {PointInTimeError} The aggregate has no such past.
   */
  whatIf<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options?: WhatIfOptions,
  ): Promise<WhatIfResult> {
    return this.#past.whatIf(command, payload, options)
  }

  /**
   * Opens everything as of one position: all aggregates and all read models. Close it with `await using`.
   *
   * @throws {PointInTimeError} The point is a revision, or not valid.
   */
  at(point: PointOrResult): Promise<WholePast> {
    return this.#past.at(point)
  }

  /**
   * Yields who did what when, oldest first: in a stream, by an actor, for a correlation id, within a time.
   *
   * @throws {PointInTimeError} `from` or `to` is a revision and no stream is given, or no valid point.
   * @throws {TenantRequiredError} The application keeps tenants apart, and none is given.
   */
  audit(options: AuditOptions = {}): AsyncIterable<AuditEntry> {
    if (this.#parts.tenants) requireTenant(options.tenant, 'An audit')
    return this.#past.audit(options)
  }

  /**
   * Forgets a person: deletes the key of all personal data about them, so that it reads as placeholders from now on; in
   * other processes after five seconds at most. Idempotent. Documents that were written before stay as they are until the
   * projections it names are rebuilt, and the generations before are dropped.
   *
   * @param subject As named by `@PersonalData`: the id of the aggregate, or what a field of the event says.
   * @throws {NoPersonalDataError} No event of the application has personal data.
   * @throws {TenantRequiredError} The application keeps tenants apart, and none is given.
   */
  async forget(subject: string, { tenant, rebuild }: ForgetOptions = {}): Promise<ForgetResult> {
    const stored = this.#parts.tenants
      ? subject && tenantId(requireTenant(tenant, `Forgetting "${subject}"`), subject)
      : subject
    const result = await this.#parts.forget(stored)
    await this.#parts.queries.refreshPast()
    if (rebuild) for (const name of result.projections) await this.projections.rebuild(name)
    return { ...result, subject }
  }

  /** Finishes what is under way, stops event handlers and projections, and frees all connections. Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#parts.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Where tenants are kept apart, an id alone does not say which aggregate it is. */
  #storedId(repository: AggregateRepository, id: string, tenant: string | undefined): string {
    if (!this.#parts.tenants) return id
    const stream = repository.streamOf(id)
    return tenantId(requireTenant(tenant, `Loading "${stream}"`), id)
  }

  #repositoryOf(named: Constructor | AggregateDefinition): AggregateRepository {
    const { model, commands, tenants } = this.#parts
    const aggregate = tenants && typeof named === 'object' ? tenants.aggregate(named) : named
    return commands.repositoryOf(findAggregate(model, aggregate).category)
  }
}
