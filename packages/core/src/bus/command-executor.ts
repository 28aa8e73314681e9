import type { CommandContext, EventOrigin } from '../aggregate/aggregate-definition.ts'
import { ConcurrencyError } from '../aggregate/aggregate-errors.ts'
import type { AggregateRepository, LoadedAggregate } from '../aggregate/aggregate-repository.ts'
import type { Snapshotter } from '../aggregate/snapshotter.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { WrongExpectedRevisionError } from '../event-store/expected-revision.ts'
import type { EventToAppend, RecordedEvent } from '../event-store/recorded-event.ts'
import { eventIdOf } from '../message/message-ids.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { CommandIdReusedError } from './bus-errors.ts'
import type { CommandEnvelope } from './command-envelope.ts'
import type { CommandResult } from './command-result.ts'
import { pause } from './pause.ts'

/** What an executor needs. */
export interface ExecutorPorts {
  readonly eventStore: EventStore
  readonly codec: EventCodec
  readonly repositoryOf: (category: string) => AggregateRepository
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
   * Carries out one validated command.
   *
   * @throws {ConcurrencyError} Other writers were first in every try.
   * @throws {CommandIdReusedError} The id belongs to another command.
   */
  async execute(envelope: CommandEnvelope): Promise<CommandResult> {
    const { command: definition } = envelope.route
    const command = envelope.command as object
    const context: CommandContext = {
      ...envelope.context,
      resolve: envelope.context.resolve,
      aggregateId: definition.aggregateId(command),
    }
    for (let tries = 1; ; tries += 1) {
      const conflict = await this.#try(envelope, command, context)
      if (!(conflict instanceof WrongExpectedRevisionError)) return conflict
      if (tries > this.#ports.conflictRetries) {
        const expected = typeof conflict.expected === 'bigint' ? conflict.expected : undefined
        throw new ConcurrencyError(
          conflict.stream,
          definition.type,
          tries,
          expected,
          conflict.actual,
          { cause: conflict },
        )
      }
      await pause(Math.random() * 10 * 2 ** tries)
    }
  }

  async #try(
    envelope: CommandEnvelope,
    command: object,
    context: CommandContext,
  ): Promise<CommandResult | WrongExpectedRevisionError> {
    const { aggregate, handling } = envelope.route
    const repository = this.#ports.repositoryOf(aggregate.category)
    const earlier: RecordedEvent[] = []
    const loaded = await repository.load(context.aggregateId, (event) => {
      if (event.metadata.commandId === context.commandId) earlier.push(event)
    })
    if (envelope.options.id !== undefined)
      await this.#searchBehindSnapshot(loaded, context, earlier)
    if (earlier.length > 0) return this.#firstResult(envelope, loaded, earlier)
    const { events, state } = await handling.decide(loaded.state, command, context)
    const base = { commandId: context.commandId, stream: loaded.stream, events, isRepeated: false }
    if (events.length === 0) return { ...base, revision: loaded.revision, position: undefined }
    const encoded = events.map((event, index) => this.#encode(event, index, envelope))
    try {
      const { revision, position } = await this.#ports.eventStore.append(loaded.stream, encoded, {
        expected: loaded.revision ?? 'no-stream',
      })
      this.#ports.snapshotter?.afterAppend(aggregate, loaded, { state, revision })
      return { ...base, revision, position }
    } catch (error) {
      if (error instanceof WrongExpectedRevisionError) return error
      throw error
    }
  }

  // A snapshot hides the events before it, and one of them may be this very command's.
  async #searchBehindSnapshot(
    loaded: LoadedAggregate<unknown>,
    context: CommandContext,
    earlier: RecordedEvent[],
  ): Promise<void> {
    if (loaded.snapshotRevision === undefined || earlier.length > 0) return
    const reading = this.#ports.eventStore.readStream(loaded.stream, {
      from: loaded.snapshotRevision,
      direction: 'backwards',
    })
    for await (const batch of reading) {
      for (const event of batch) {
        if (event.metadata.commandId === context.commandId) earlier.unshift(event)
        else if (earlier.length > 0) return
      }
    }
  }

  #firstResult(
    envelope: CommandEnvelope,
    loaded: LoadedAggregate<unknown>,
    earlier: readonly RecordedEvent[],
  ): CommandResult {
    const last = earlier.at(-1) as RecordedEvent
    const { type } = envelope.route.command
    const firstType = last.metadata.commandType ?? type
    const { commandId } = envelope.context
    if (firstType !== type) throw new CommandIdReusedError(commandId, type, firstType)
    return {
      commandId,
      stream: loaded.stream,
      revision: last.revision,
      position: last.position,
      events: earlier.map((event) => this.#ports.codec.decode(event)),
      isRepeated: true,
    }
  }

  #encode(event: object, index: number, envelope: CommandEnvelope): EventToAppend {
    const { type, data, schemaVersion } = this.#ports.codec.encode(event)
    const { commandId, correlationId, actor, tenant } = envelope.context
    const { causationId, traceparent } = envelope.options
    const origin: EventOrigin = {
      $correlationId: correlationId,
      $causationId: causationId ?? commandId,
      ...(actor !== undefined && { actor }),
      ...(tenant !== undefined && { tenant }),
      ...(traceparent !== undefined && { traceparent }),
    }
    const commandType = envelope.route.command.type
    const metadata = { ...origin, commandId, commandType, schemaVersion }
    return { id: eventIdOf(commandId, index), type, data, metadata }
  }
}
