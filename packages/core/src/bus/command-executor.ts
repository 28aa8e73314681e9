import type { CommandContext } from '../aggregate/aggregate-definition.ts'
import type { OpenAggregates } from '../aggregate/open-aggregates.ts'
import type { Snapshotter } from '../aggregate/snapshotter.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { CommandEnvelope } from './command-envelope.ts'
import type { CommandResult } from './command-result.ts'
import { CommandRun } from './command-run.ts'

/** What an executor needs. */
export interface ExecutorPorts {
  readonly eventStore: EventStore
  readonly codec: EventCodec
  readonly aggregatesOf: (category: string) => OpenAggregates
  readonly snapshotter: Snapshotter | undefined
  /** How often a command is decided again after a conflict. */
  readonly conflictRetries: number
}

/** Loads, decides and appends: the innermost step of every command. */
export class CommandExecutor {
  readonly #ports: ExecutorPorts

  constructor(ports: ExecutorPorts) {
    this.#ports = ports
  }

  /**
   * Carries out one validated command, after those that came before it for the same aggregate.
   *
   * @throws {ConcurrencyError} Other writers were first in every try.
   * @throws {CommandIdReusedError} The id belongs to another command.
   * @throws {AggregateBusyError} Too many commands wait for the aggregate.
   */
  async execute(envelope: CommandEnvelope): Promise<CommandResult> {
    const { command: definition, aggregate } = envelope.route
    const { resolve } = envelope.context
    const aggregateId = definition.aggregateId(envelope.command as object)
    const context: CommandContext = { ...envelope.context, resolve, aggregateId }
    const open = this.#ports.aggregatesOf(aggregate.category)
    return open.takeTurn(aggregateId, () =>
      new CommandRun(this.#ports, open, { envelope, context }).complete(),
    )
  }
}
