import { SeveralAggregatesError } from '../aggregate/aggregate-errors.ts'
import type { AggregateRepository } from '../aggregate/aggregate-repository.ts'
import { OpenAggregates } from '../aggregate/open-aggregates.ts'
import { Snapshotter } from '../aggregate/snapshotter.ts'
import type { Clock } from '../environment/clock.ts'
import type { IdGenerator } from '../environment/id-generator.ts'
import type { Logger } from '../environment/logger.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import { closeScope, type HandlerResolver } from '../message/handler-resolver.ts'
import type { MessageValidator } from '../message/message-validator.ts'
import type { ApplicationModel } from '../model/application-model.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { SnapshotReader } from '../snapshot/snapshot-reader.ts'
import type { SnapshotStore } from '../snapshot/snapshot-store.ts'
import { UnknownCommandError } from './bus-errors.ts'
import {
  chain,
  type CommandEnvelope,
  type CommandMiddleware,
  type CommandStep,
} from './command-envelope.ts'
import { CommandExecutor } from './command-executor.ts'
import { CommandRoutes } from './command-routes.ts'
import { decisionUnderWay } from './decision-scope.ts'
import { UnderWay } from './under-way.ts'
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

/** What became of snapshots. */
export interface SnapshotCounts {
  readonly taken: number
  /** Could not be taken. */
  readonly failed: number
  /** Were found and could not be used: of another version, unreadable, foreign, or newer than their stream. */
  readonly ignored: number
}

/** Takes commands, checks them and has their aggregates decide. */
export class CommandBus {
  readonly #options: CommandBusOptions
  readonly #routes: CommandRoutes
  readonly #aggregates = new Map<string, OpenAggregates>()
  readonly #underWay = new UnderWay()
  readonly #snapshotter: Snapshotter | undefined
  readonly #snapshots: SnapshotReader | undefined
  readonly #run: CommandStep
  /** Whether a command under way was sent on, by the id made for it; undefined: nothing could send one on twice. */
  readonly #sentOn: Map<string, boolean> | undefined

  constructor(options: CommandBusOptions) {
    this.#options = options
    const { model, eventStore, snapshotStore, codec, clock, logger } = options
    this.#routes = new CommandRoutes(model)
    this.#snapshots = snapshotStore && new SnapshotReader(snapshotStore, logger)
    const ports = {
      eventStore,
      codec,
      logger,
      ...(snapshotStore && { snapshotStore }),
      ...(this.#snapshots && { snapshots: this.#snapshots }),
    }
    for (const aggregate of model.aggregates)
      this.#aggregates.set(aggregate.category, new OpenAggregates(aggregate, ports))
    this.#snapshotter = snapshotStore && new Snapshotter({ store: snapshotStore, clock, logger })
    const executor = new CommandExecutor({
      eventStore,
      codec,
      aggregatesOf: (category) => this.#aggregatesOf(category),
      snapshotter: this.#snapshotter,
      conflictRetries: options.conflictRetries ?? 3,
    })
    this.#run = chain(
      [validateCommand(options.validator), ...(options.middleware ?? [])],
      (envelope) => executor.execute(this.#searched(envelope)),
    )
    if (options.middleware?.length) this.#sentOn = new Map()
  }

  /**
   * Carries out a command: validates it, loads its aggregate, decides, appends.
   *
   * @param command Class or definition of the command.
   * @param payload The command's fields, or an instance of its class.
   * @throws {UnknownCommandError} Nobody handles it.
   * @throws {InvalidMessageError} It breaks a rule; every broken rule is listed.
   * @throws {ConcurrencyError} Other writers were first in every try.
   * @throws {SeveralAggregatesError} It was sent by the handler of another command.
   * @throws {AggregateBusyError} Too many commands wait for its aggregate, or the one before it does not end.
   */
  async execute<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options: ExecuteOptions = {},
  ): Promise<CommandResult> {
    const route = this.#routes.of(command)
    const outer = decisionUnderWay()
    if (outer) throw new SeveralAggregatesError(outer.commandType, outer.stream, route.command.type)
    const commandId = options.id ?? this.#options.ids.next()
    const scope = this.#options.resolver.open()
    this.#underWay.begin()
    if (options.id === undefined) this.#sentOn?.set(commandId, false)
    try {
      return await this.#run({
        route,
        command: payload,
        payload,
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
      if (options.id === undefined) this.#sentOn?.delete(commandId)
      await closeScope(scope, this.#options.logger)
      this.#underWay.done()
    }
  }

  /** Middleware that sends a command on again may not know that it was carried out: then its stream is asked. */
  #searched(envelope: CommandEnvelope): CommandEnvelope {
    const { context, options } = envelope
    const isAgain = this.#sentOn?.get(context.commandId)
    if (isAgain === undefined || options.id !== undefined) return envelope
    this.#sentOn?.set(context.commandId, true)
    if (!isAgain) return envelope
    return { ...envelope, options: { ...options, id: context.commandId, repeats: 'any-payload' } }
  }

  /** Returns the repository of a category; throws where there is none. */
  repositoryOf(category: string): AggregateRepository {
    return this.#aggregatesOf(category).repository
  }

  #aggregatesOf(category: string): OpenAggregates {
    const found = this.#aggregates.get(category)
    if (!found)
      throw new UnknownCommandError(`aggregates of category "${category}"`, [
        ...this.#aggregates.keys(),
      ])
    return found
  }

  /** How many snapshots could not be taken since the start. */
  get snapshotFailures(): number {
    return this.#snapshotter?.failures ?? 0
  }

  /** What became of snapshots since the start. */
  get snapshotCounts(): SnapshotCounts {
    const { taken = 0, failures = 0 } = this.#snapshotter ?? {}
    return { taken, failed: failures, ignored: this.#snapshots?.ignored ?? 0 }
  }

  /** Waits for the commands under way, those in line included, and for what goes on after their answers: snapshots. */
  async drain(): Promise<void> {
    await this.#underWay.end()
    await this.#snapshotter?.drain()
  }
}
