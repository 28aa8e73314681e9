import type { Constructor } from './constructor.ts'

/** A kind of command: its stable type name and the aggregate it is for. */
export interface CommandDefinition<Command extends object = object> {
  readonly kind: 'command'
  readonly type: string
  /** Class of the command, where there is one: what the validator builds and checks. */
  readonly class?: Constructor<Command>
  /** Names the aggregate the command is for. */
  aggregateId(command: Command): string
  /** Turns a payload into a command, or throws; takes the place of the validator. */
  readonly parse?: (payload: unknown) => Command
}

/** What a user says of a command. */
export interface CommandOptions<Command extends object> {
  readonly aggregateId: (command: Command) => string
  readonly class?: Constructor<Command>
  /** For schemas that are functions, such as a parser's `parse`. Default: the application's validator. */
  readonly parse?: (payload: unknown) => Command
}

/** Defines a command without a decorator. */
export function defineCommand<Command extends object>(
  type: string,
  options: CommandOptions<Command>,
): CommandDefinition<Command> {
  return { kind: 'command', type, ...options }
}
