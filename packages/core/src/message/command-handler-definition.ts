import type {
  AggregateDefinition,
  CommandHandling,
  Decide,
} from '../aggregate/aggregate-definition.ts'
import { conflictHandling, type ConflictPolicy } from '../aggregate/conflict.ts'
import type { CommandDefinition } from './command-definition.ts'

/** A command handled outside of its aggregate, for decisions that need services. */
export interface CommandHandlerDefinition {
  readonly kind: 'command-handler'
  readonly aggregate: AggregateDefinition
  readonly handling: CommandHandling<unknown>
}

/** Defines a command handler without a decorator. */
export function defineCommandHandler<State>(
  command: CommandDefinition,
  options: {
    readonly aggregate: AggregateDefinition<State>
    readonly decide: Decide<State>
    /** What the command does when other writers were faster. Default `'retry'`. */
    readonly onConflict?: ConflictPolicy<State, object>
  },
): CommandHandlerDefinition {
  return {
    kind: 'command-handler',
    aggregate: options.aggregate,
    handling: {
      ...conflictHandling(options.onConflict),
      command,
      decide: options.decide,
    },
  }
}
