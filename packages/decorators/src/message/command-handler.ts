import type { AggregateRoot, CommandContext, Constructor } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/** A class that decides on one kind of command outside of the aggregate, with what it injects. */
export interface CommandHandlerMethods<Command, Aggregate> {
  /** Calls methods of the aggregate; what it emits is what is stored. May be called several times. */
  readonly execute: (
    command: Command,
    aggregate: Aggregate,
    context: CommandContext,
  ) => void | Promise<void>
}

/** What `@CommandHandler` says of a class. */
export interface CommandHandlerRecord {
  readonly command: Constructor
  readonly aggregate: Constructor
}

/** Records of {@link CommandHandler}. */
export const commandHandlerKey = metadataKey<CommandHandlerRecord>('command-handler')

/** Makes a class the handler of a command, for decisions that need services. Resolved in the scope of the message. */
export function CommandHandler<Command extends object, Aggregate extends AggregateRoot>(
  command: Constructor<Command>,
  options: { readonly aggregate: Constructor<Aggregate> },
) {
  return (target: Constructor<CommandHandlerMethods<Command, Aggregate>>): void =>
    record(commandHandlerKey, target, { command, aggregate: options.aggregate })
}
