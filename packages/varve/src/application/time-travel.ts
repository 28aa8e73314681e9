import {
  type AggregateDefinition,
  type AggregateDiff,
  AggregateHistory,
  type AggregateRepository,
  type ApplicationModel,
  audit,
  type AuditEntry,
  type AuditOptions,
  type Clock,
  type CommandBus,
  type CommandDefinition,
  type Constructor,
  type EventCodec,
  type EventStore,
  type HandlerResolver,
  type HistoryEntry,
  type HistoryOptions,
  type IdGenerator,
  LogDates,
  type Logger,
  type MessageValidator,
  type PointInTime,
  type PointOrResult,
  type QueryBus,
  WhatIf,
  type WhatIfOptions,
  type WhatIfResult,
  WholePast,
} from '@varve/core'

/** What looking at the past needs beside the buses. */
export interface TimeTravelPorts {
  readonly eventStore: EventStore
  readonly codec: EventCodec
  readonly validator: MessageValidator
  readonly resolver: HandlerResolver
  readonly clock: Clock
  readonly ids: IdGenerator
  readonly logger: Logger
}

/** How an application finds its aggregates. */
export interface AggregateAccess {
  readonly model: ApplicationModel
  readonly commands: CommandBus
  readonly queries: QueryBus
  /** Finds who loads aggregates of a class or definition. */
  readonly repositoryOf: (aggregate: Constructor | AggregateDefinition) => AggregateRepository
  /** Makes the id an aggregate is stored under. */
  readonly storedId: (category: string, id: string, tenant: string | undefined) => string
  readonly load: <State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    options: { readonly at: PointInTime; readonly tenant?: string },
  ) => Promise<State>
}

/** Whose aggregate it is. */
export interface OfTenant {
  /** Needed where the application keeps tenants apart. */
  readonly tenant?: string
}

/** What an application can tell of its past. */
export class TimeTravel {
  readonly #ports: TimeTravelPorts
  readonly #access: AggregateAccess
  readonly #dates: LogDates
  readonly #whatIf: WhatIf

  constructor(ports: TimeTravelPorts, access: AggregateAccess) {
    this.#ports = ports
    this.#access = access
    this.#dates = new LogDates(ports.eventStore)
    const { model, commands, storedId } = access
    const repositoryOf = (category: string): AggregateRepository => commands.repositoryOf(category)
    this.#whatIf = new WhatIf({ ...ports, model, repositoryOf, storedId })
  }

  history<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    { tenant, ...options }: HistoryOptions & OfTenant,
  ): AsyncIterable<HistoryEntry<State>> {
    const { history, stored } = this.#historyOf<State>(aggregate, id, tenant)
    return history.read(stored, options)
  }

  diff<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    { from, to, tenant }: { from: PointOrResult; to: PointOrResult } & OfTenant,
  ): Promise<AggregateDiff<State>> {
    const { history, stored } = this.#historyOf<State>(aggregate, id, tenant)
    return history.diff(stored, from, to)
  }

  whatIf<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options?: WhatIfOptions,
  ): Promise<WhatIfResult> {
    return this.#whatIf.decide(command, payload, options)
  }

  at(point: PointOrResult): Promise<WholePast> {
    const { queries, load } = this.#access
    const { eventStore } = this.#ports
    return WholePast.open({ eventStore, dates: this.#dates, queries, load }, point)
  }

  audit(options: AuditOptions): AsyncIterable<AuditEntry> {
    const { eventStore, codec } = this.#ports
    return audit({ eventStore, codec, dates: this.#dates }, options)
  }

  #historyOf<State extends object>(
    aggregate: Constructor<State> | AggregateDefinition<State>,
    id: string,
    tenant: string | undefined,
  ): { readonly history: AggregateHistory<State>; readonly stored: string } {
    const { repositoryOf, storedId } = this.#access
    const repository = repositoryOf(aggregate)
    const history = new AggregateHistory(
      repository as unknown as AggregateRepository<State>,
      this.#ports,
    )
    return { history, stored: storedId(repository.definition.category, id, tenant) }
  }
}
