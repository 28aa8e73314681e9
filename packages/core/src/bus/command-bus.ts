import { AggregateRepository } from '../aggregate/aggregate-repository.ts'
import { Snapshotter } from '../aggregate/snapshotter.ts'
import type { Clock } from '../environment/clock.ts'
import type { IdGenerator } from '../environment/id-generator.ts'
import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import { closeScope, type HandlerResolver } from '../message/handler-resolver.ts'
import type { MessageValidator } from '../message/message-validator.ts'
import type { ApplicationModel, CommandRoute } from '../model/application-model.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { SnapshotStore } from '../snapshot/snapshot-store.ts'
import { UnknownCommandError } from './bus-errors.ts'
import { chain, type CommandMiddleware, type CommandStep } from './command-envelope.ts'
import { CommandExecutor } from './command-executor.ts'
import type { CommandResult, ExecuteOptions } from './command-result.ts'
import { validateCommand } from './validate-command.ts'

/** What the write side needs. */
export interface CommandBusOptions {
  readonly model: ApplicationModel
  readonly eventStore: EventStore
  /** Default: every load replays the whole stream. */
  readonly snapshotStore?: SnapshotStore
  readonly codec: EventCodec
  readonly validator: MessageValidator
  readonly resolver: HandlerResolver
  readonly clock: Clock
  readonly ids: IdGenerator
  readonly logger: Logger
  /** Runs around every valid command, the first one outermost. Default none. */
  readonly middleware?: readonly CommandMiddleware[]
  /** How often a command is decided again after a conflict. Default 3. */
  readonly conflictRetries?: number
}

/** Takes commands, checks them and has their aggregates decide. */
export class CommandBus {
  readonly #options: CommandBusOptions
  readonly #routes = new Map<unknown, CommandRoute>()
  readonly #repositories = new Map<string, AggregateRepository>()
  readonly #snapshotter: Snapshotter | undefined
  readonly #run: CommandStep

  constructor(options: CommandBusOptions) {
    this.#options = options
    const { model, eventStore, snapshotStore, codec, clock, logger } = options
    for (const route of model.commands.values()) {
      this.#routes.set(route.command.type, route)
      if (route.command.class) this.#routes.set(route.command.class, route)
    }
    const ports = { eventStore, codec, logger, ...(snapshotStore && { snapshotStore }) }
    for (const aggregate of model.aggregates)
      this.#repositories.set(aggregate.category, new AggregateRepository(aggregate, ports))
    this.#snapshotter = snapshotStore && new Snapshotter({ store: snapshotStore, clock, logger })
    const executor = new CommandExecutor({
      eventStore,
      codec,
      repositoryOf: (category) => this.repositoryOf(category),
      snapshotter: this.#snapshotter,
      conflictRetries: options.conflictRetries ?? 3,
    })
    this.#run = chain(
      [validateCommand(options.validator), ...(options.middleware ?? [])],
      (envelope) => executor.execute(envelope),
    )
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
  async execute<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options: ExecuteOptions = {},
  ): Promise<CommandResult> {
    const route = this.#routes.get(typeof command === 'function' ? command : command.type)
    if (!route) {
      const name = typeof command === 'function' ? command.name : command.type
      throw new UnknownCommandError(`command ${name}`, [...this.#options.model.commands.keys()])
    }
    const commandId = options.id ?? this.#options.ids.next()
    const scope = this.#options.resolver.open()
    try {
      return await this.#run({
        route,
        command: payload,
        options,
        context: {
          commandId,
          correlationId: options.correlationId ?? commandId,
          actor: options.actor,
          tenant: options.tenant,
          now: this.#options.clock.now(),
          resolve: (type) => scope.resolve(type),
        },
      })
    } finally {
      await closeScope(scope, this.#options.logger)
    }
  }

  /** Returns the repository of a category; throws where there is none. */
  repositoryOf(category: string): AggregateRepository {
    const repository = this.#repositories.get(category)
    if (!repository)
      throw new UnknownCommandError(`aggregates of category "${category}"`, [
        ...this.#repositories.keys(),
      ])
    return repository
  }

  /** How many snapshots could not be taken since the start. */
  get snapshotFailures(): number {
    return this.#snapshotter?.failures ?? 0
  }

  /** Waits for work that goes on after answers: snapshots. */
  async drain(): Promise<void> {
    await this.#snapshotter?.drain()
  }
}
