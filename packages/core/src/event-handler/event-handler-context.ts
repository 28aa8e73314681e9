import type { CommandResult, ExecuteOptions } from '../bus/command-result.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import type { EventContext } from '../projection/event-context.ts'

/** What an event handler knows beyond the event's own fields, and how it acts. */
export interface EventHandlerContext extends EventContext {
  /** Name of the event handler. */
  readonly handler: string
  /** Counts the tries of this event in this process, from 1. */
  readonly attempt: number
  /** Whether the handler was past this event before: it was set back on purpose. */
  readonly isReplay: boolean
  /**
   * The same for every delivery of this event to this handler, and for no other: hand it to services that
   * recognise a request they have carried out before.
   */
  readonly idempotencyKey: string
  /**
   * Raised when the call should come to an end: it took too long, the handler is stopped, or another process took it
   * over. A call that throws then counts as not made.
   */
  readonly signal: AbortSignal

  /**
   * Carries out a command that follows from the event: caused by it, of its correlation, tenant and trace.
   *
   * Its id follows from the handler, the event, the command's type and aggregate, and which such command of this
   * call it is. So a command is carried out once, however often the event is delivered. Pass `id` where
   * that is not enough: where one call sends several such commands in an order that may change.
   *
   * @param command Class or definition of the command.
   * @param payload The command's fields, or an instance of its class.
   * @throws What the command bus throws; the event then counts as failed, unless the handler catches it.
   */
  execute<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
    payload: Command,
    options?: ExecuteOptions,
  ): Promise<CommandResult>
}
