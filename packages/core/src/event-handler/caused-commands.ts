import type { CommandBus } from '../bus/command-bus.ts'
import type { CommandResult, ExecuteOptions } from '../bus/command-result.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'

/** Finds the definition of a command by its class, or by a definition of it. */
export type FindCommand = (command: unknown) => CommandDefinition | undefined

/** What {@link CausedCommands} needs. */
export interface CausedCommandsOptions {
  readonly bus: Pick<CommandBus, 'execute'>
  readonly find: FindCommand
  readonly handler: string
  readonly event: RecordedEvent
  /** Which of the events that the recorded one stands for this is, from 0. */
  readonly part: number
}

/** The commands of one call of an event handler, with ids that are the same in every other call for the event. */
export class CausedCommands {
  readonly #options: CausedCommandsOptions
  readonly #counts = new Map<string, number>()

  constructor(options: CausedCommandsOptions) {
    this.#options = options
  }

  /** Carries out a command as caused by the event. */
  execute<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options: ExecuteOptions = {},
  ): Promise<CommandResult> {
    const { bus, event } = this.#options
    const { $correlationId, tenant, traceparent } = event.metadata
    return bus.execute(command, payload, {
      correlationId: $correlationId ?? event.id,
      causationId: event.id,
      ...(tenant !== undefined && { tenant }),
      ...(traceparent !== undefined && { traceparent }),
      // What a handler sends may differ a little from try to try; its first command counts.
      ...(options.id === undefined && { repeats: 'any-payload' as const }),
      ...options,
      id: options.id ?? this.#nextId(command, payload),
    })
  }

  #nextId(command: unknown, payload: object): string {
    const { handler, event, part, find } = this.#options
    const definition = find(command)
    const origin = part === 0 ? event.id : `${event.id}#${part}`
    const subject = `${handler}:${origin}:${definition?.type ?? ''}:${aggregateOf(definition, payload)}`
    const count = this.#counts.get(subject) ?? 0
    this.#counts.set(subject, count + 1)
    return `${subject}:${count}`
  }
}

/** The bus says what is wrong with a payload; here it only has no aggregate. */
function aggregateOf(definition: CommandDefinition | undefined, payload: object): string {
  try {
    return definition?.aggregateId(payload) ?? ''
  } catch {
    return ''
  }
}
