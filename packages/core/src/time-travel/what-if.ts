import type { CommandContext } from '../aggregate/aggregate-definition.ts'
import type { AggregateRepository, LoadedAggregate } from '../aggregate/aggregate-repository.ts'
import { AggregateNotFoundError } from '../aggregate/aggregate-errors.ts'
import { decideWithin, type DecisionScope } from '../bus/decision-scope.ts'
import { CommandRoutes } from '../bus/command-routes.ts'
import type { ExecuteOptions } from '../bus/command-result.ts'
import { checkPayload } from '../bus/validate-command.ts'
import type { Clock } from '../environment/clock.ts'
import type { IdGenerator } from '../environment/id-generator.ts'
import type { Logger } from '../environment/logger.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import { closeScope, type HandlerResolver } from '../message/handler-resolver.ts'
import type { MessageValidator } from '../message/message-validator.ts'
import type { ApplicationModel, CommandRoute } from '../model/application-model.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { copyState } from './copy-state.ts'
import type { PointOrResult } from './point-in-time.ts'
import { type StateChange, stateChanges } from './state-changes.ts'

/** Options of {@link WhatIf.decide}. */
export interface WhatIfOptions extends Pick<ExecuteOptions, 'actor' | 'tenant'> {
  /** The state to decide on. Default: as it is now. */
  readonly at?: PointOrResult
  /** The time to decide by. Default: now. */
  readonly now?: Date
}

/** What a command would do. Nothing of it is stored. */
export interface WhatIfResult {
  /** The events it would emit, oldest first, as instances of their classes. */
  readonly events: readonly object[]
  /** Revision of the state it was decided on; undefined: the aggregate had no events. */
  readonly revision: bigint | undefined
  readonly before: unknown
  readonly after: unknown
  readonly changes: readonly StateChange[]
}

/** What trying commands needs. */
export interface WhatIfPorts {
  readonly model: ApplicationModel
  readonly repositoryOf: (category: string) => AggregateRepository
  /** Makes the id an aggregate is stored under. Default: its own. */
  readonly storedId?:
    ((category: string, id: string, tenant: string | undefined) => string) | undefined
  readonly validator: MessageValidator
  readonly codec: EventCodec
  readonly resolver: HandlerResolver
  readonly clock: Clock
  readonly ids: IdGenerator
  readonly logger: Logger
}

/** Tries commands on states of the past, without a trace: nothing is appended, no middleware runs. */
export class WhatIf {
  readonly #ports: WhatIfPorts
  readonly #routes: CommandRoutes

  constructor(ports: WhatIfPorts) {
    this.#ports = ports
    this.#routes = new CommandRoutes(ports.model)
  }

  /**
   * Validates a command and has its handler decide, as executing it would, on a state as it was.
   *
   * @throws {UnknownCommandError} Nobody handles it.
   * @throws {InvalidMessageError} It breaks a rule.
   * @throws {PointInTimeError} The aggregate has no such past.
   * @throws {SeveralAggregatesError} Its handler sends a command.
   * @throws {TenantRequiredError} The application keeps tenants apart, and none is given.
   * @throws What the handler refuses it with.
   */
  async decide<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options: WhatIfOptions = {},
  ): Promise<WhatIfResult> {
    const { repositoryOf, storedId, validator, resolver, clock, ids, logger } = this.#ports
    const route = this.#routes.of(command)
    const checked = (await checkPayload(validator, route.command, payload)) as object
    const { category } = route.aggregate
    const ownId = route.command.aggregateId(checked)
    const aggregateId = storedId?.(category, ownId, options.tenant) ?? ownId
    const repository = repositoryOf(category)
    const loaded = await loadedAt(repository, aggregateId, options.at)
    const scope = resolver.open()
    try {
      const commandId = ids.next()
      return await this.#try({ route, repository, loaded }, checked, {
        commandId,
        aggregateId,
        correlationId: commandId,
        actor: options.actor,
        tenant: options.tenant,
        now: options.now ?? clock.now(),
        resolve: (type) => scope.resolve(type),
      })
    } finally {
      await closeScope(scope, logger)
    }
  }

  async #try(
    { route, repository, loaded }: Trial,
    command: object,
    context: CommandContext,
  ): Promise<WhatIfResult> {
    const { definition } = repository
    const { id, stream, revision } = loaded
    const before = copyState(definition, id, loaded.state)
    const scope: DecisionScope = { commandType: route.command.type, stream, isOver: false }
    try {
      const { events, ...decided } = await decideWithin(scope, this, async () =>
        route.handling.decide(loaded.state, command, context),
      )
      for (const event of events) this.#ports.codec.encode(event)
      const after = 'state' in decided ? decided.state : repository.evolve(loaded.state, events)
      return { events, revision, before, after, changes: stateChanges(before, after) }
    } finally {
      scope.isOver = true
    }
  }
}

interface Trial {
  readonly route: CommandRoute
  readonly repository: AggregateRepository
  readonly loaded: LoadedAggregate<unknown>
}

/** An aggregate that had no events by then can still be given its first command. */
async function loadedAt(
  repository: AggregateRepository,
  id: string,
  at: PointOrResult | undefined,
): Promise<LoadedAggregate<unknown>> {
  if (at === undefined) return repository.load(id)
  try {
    return await repository.loadAt(id, at)
  } catch (error) {
    if (!(error instanceof AggregateNotFoundError)) throw error
    return {
      id,
      stream: repository.streamOf(id),
      state: repository.definition.initial(id),
      revision: undefined,
      snapshotRevision: undefined,
    }
  }
}
