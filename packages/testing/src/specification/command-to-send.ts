import type { CommandDefinition, Constructor, ExecuteOptions } from '@varve/core'

import { SpecificationError } from './specification-errors.ts'

/** A command by its class or definition, with the payload beside it, or as an instance of its class. */
export type CommandToSend<Command extends object> =
  Constructor<Command> | CommandDefinition<Command> | Command

/** What a caller may say of a command, and when it is sent. */
export interface CommandOptions extends ExecuteOptions {
  /** Moves the clock. Default: it stands where the last event was recorded. */
  readonly at?: Date
}

/** A command of an example. */
export interface CommandSent {
  readonly command: Constructor | CommandDefinition
  readonly payload: object
  readonly options: CommandOptions
}

/** Tells a command from an instance of one. */
export function commandOf<Command extends object>(
  command: CommandToSend<Command>,
  payload: Command | undefined,
  options: CommandOptions = {},
): CommandSent {
  // What a module exports is undefined for those it imports itself.
  if (typeof command !== 'function' && typeof command !== 'object')
    throw new SpecificationError(
      'a command',
      `sends ${String(command)}: expected a class or a definition of a command, or an instance of its class.`,
    )
  if (typeof command === 'function' || isDefinition(command))
    return { command: command as CommandSent['command'], payload: payload ?? {}, options }
  return { command: command.constructor as Constructor, payload: command, options }
}

function isDefinition(command: object): boolean {
  return 'kind' in command && command.kind === 'command' && 'aggregateId' in command
}
