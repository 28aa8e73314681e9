import type { CommandResult, ExecuteOptions } from '../bus/command-result.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import { RecordedEventContext } from '../projection/event-context.ts'
import type { CausedCommands } from './caused-commands.ts'
import type { EventHandlerContext } from './event-handler-context.ts'

/** What of a context changes from call to call. */
export interface ReactionCall {
  readonly handler: string
  readonly attempt: number
  readonly isReplay: boolean
  readonly signal: AbortSignal
  readonly commands: CausedCommands
  readonly part: number
}

/** The context of one call. */
export class ReactionContext extends RecordedEventContext implements EventHandlerContext {
  readonly #call: ReactionCall

  constructor(event: RecordedEvent, call: ReactionCall) {
    super(event)
    this.#call = call
  }

  get handler(): string {
    return this.#call.handler
  }
  get attempt(): number {
    return this.#call.attempt
  }
  get isReplay(): boolean {
    return this.#call.isReplay
  }
  get idempotencyKey(): string {
    const { part } = this.#call
    return `${this.handler}:${this.eventId}${part === 0 ? '' : `:${part}`}`
  }
  get signal(): AbortSignal {
    return this.#call.signal
  }

  // A field, so that handlers may take it out of the context.
  readonly execute = <Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options?: ExecuteOptions,
  ): Promise<CommandResult> => this.#call.commands.execute(command, payload, options)
}
