import {
  AggregateRoot,
  type CommandContext,
  type CommandDefinition,
  type CommandHandlerDefinition,
  type Constructor,
  type Decide,
  defineAggregateClass,
  defineCommandHandler,
} from '@varve/core'
import { commandHandlerKey, type CommandHandlerMethods } from '../message/command-handler.ts'
import { ownRecords } from '../metadata/metadata.ts'
import { className } from './class-name.ts'
import { collectAggregate } from './collect-aggregate.ts'
import { collectCommand } from './collect-command.ts'
import type { Collection } from './collection.ts'

type HandlerClass = Constructor<CommandHandlerMethods<object, AggregateRoot>>

/** Makes command handlers of a class: one for each `@CommandHandler` on it. */
export function collectCommandHandlers(
  collection: Collection,
  handlerClass: Constructor,
): readonly CommandHandlerDefinition[] {
  const name = className(handlerClass)
  const records = ownRecords(commandHandlerKey, handlerClass)
  if (records.length > 0) collection.checkExecute(handlerClass)
  return records.flatMap((record) => {
    const command = collectCommand(collection, record.command, `${name} handles`)
    const aggregate = collectAggregate(collection, record.aggregate)
    if (aggregate) {
      const decide = decideWith(handlerClass as HandlerClass, command, aggregate.category)
      return [defineCommandHandler(command, { aggregate, decide: decide as Decide<unknown> })]
    }
    collection.mistakes.push(
      `${name} handles ${className(record.command)} for ${className(record.aggregate)}, which is no aggregate. Put @Aggregate('<a category>') on the class.`,
    )
    return []
  })
}

/** Decides as an aggregate's own method does, except that the method only passes the aggregate on to the handler. */
function decideWith(
  handler: HandlerClass,
  command: CommandDefinition,
  category: string,
): Decide<AggregateRoot> {
  class PassingOn extends AggregateRoot {
    execute(message: object, context: CommandContext): void | Promise<void> {
      return context.resolve(handler).execute(message, this, context)
    }
  }
  const { commands } = defineAggregateClass(PassingOn, {
    category,
    handles: [[command, 'execute']],
    applies: [],
  })
  return (commands[0] as (typeof commands)[number]).decide
}
