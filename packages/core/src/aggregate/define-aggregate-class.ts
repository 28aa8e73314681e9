import type { CommandDefinition } from '../message/command-definition.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import { rulesOf, type SnapshotRules } from '../snapshot/snapshot-rules.ts'
import { captureState, restoreState } from '../snapshot/state-codec.ts'
import { UnreadableSnapshotError } from '../snapshot/unreadable-snapshot-error.ts'
import type {
  AggregateCacheOptions,
  AggregateDefinition,
  CommandContext,
  CommandHandling,
  Decision,
  EventHandling,
  SnapshotPolicy,
} from './aggregate-definition.ts'
import { type AggregateRoot, attach, startEmitting, takeEmitted } from './aggregate-root.ts'
import { conflictHandling, type ConflictPolicy } from './conflict.ts'
import { after } from './asynchronous.ts'

/** What `@Handles` says of a method beyond its command. */
export interface HandlesOptions<Command extends object = never, State = never> {
  /** What the command does when other writers were faster. Default `'retry'`. */
  readonly onConflict?: ConflictPolicy<State, Command>
}

/** Which methods of an aggregate class do what. */
export interface AggregateClassOptions {
  /** Category of its streams, `<category>-<id>`; without `-`. */
  readonly category: string
  /** Name of the method per command. */
  readonly handles: readonly (readonly [CommandDefinition, string, (HandlesOptions | undefined)?])[]
  /** Name of the method per event. */
  readonly applies: readonly (readonly [EventDefinition, string])[]
  /** Default: no snapshots. */
  readonly snapshot?: SnapshotRules
  /** Default: kept in memory between commands. */
  readonly cache?: false | AggregateCacheOptions
}

/** What an aggregate class may bring to write its own snapshots. */
export interface SnapshotMethods {
  toSnapshot?(): JsonValue
  fromSnapshot?(value: JsonValue): void
}

type Method = (this: AggregateRoot, message: object, context?: CommandContext) => unknown

/** Defines an aggregate from a class. What `@Aggregate`, `@Handles` and `@Applies` record. */
export function defineAggregateClass(
  aggregateClass: new () => AggregateRoot,
  options: AggregateClassOptions,
): AggregateDefinition<AggregateRoot> {
  const prototype = aggregateClass.prototype as unknown as Record<string, Method>
  const folds = new Map<unknown, Method>()
  const events: EventHandling<AggregateRoot>[] = options.applies.map(([event, method]) => {
    const apply = prototype[method] as Method
    folds.set(event.class, apply)
    return {
      event,
      evolve: (state, message) => {
        apply.call(state, message)
        return state
      },
    }
  })
  const evolve = (aggregate: AggregateRoot, event: object): void => {
    // What is no event is refused with its name when it is encoded.
    folds.get((event as object | undefined)?.constructor)?.call(aggregate, event)
  }
  const initial = (id: string): AggregateRoot => {
    const aggregate = new aggregateClass()
    attach(aggregate, { id, evolve })
    return aggregate
  }
  return {
    kind: 'aggregate',
    category: options.category,
    class: aggregateClass,
    initial,
    commands: options.handles.map(([command, method, { onConflict } = {}]) => ({
      ...conflictHandling(onConflict),
      ...handling(command, prototype[method] as Method),
    })),
    events,
    isChangedByDeciding: true,
    ...(options.cache !== undefined && { cache: options.cache }),
    ...(options.snapshot && { snapshot: policyOf(options.snapshot, initial) }),
  }
}

function handling(command: CommandDefinition, method: Method): CommandHandling<AggregateRoot> {
  return {
    command,
    decide: (state, message, context) => {
      startEmitting(state)
      return after(
        () => method.call(state, message, context),
        (): Decision<AggregateRoot> => ({ events: takeEmitted(state), state }),
      )
    },
  }
}

function policyOf(
  options: SnapshotRules,
  initial: (id: string) => AggregateRoot,
): SnapshotPolicy<AggregateRoot> {
  return {
    ...rulesOf(options as SnapshotRules<AggregateRoot>),
    capture: (state) =>
      (state as SnapshotMethods).toSnapshot?.() ?? captureState(state, options.classes),
    restore: (value, id) => {
      const state = initial(id)
      const custom = state as SnapshotMethods
      if (custom.fromSnapshot) custom.fromSnapshot(value)
      else Object.assign(state, fieldsOf(value, options.classes))
      return state
    },
  }
}

function fieldsOf(value: JsonValue, classes: SnapshotRules['classes']): object {
  const fields = restoreState(value, classes)
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return fields
  throw new UnreadableSnapshotError(JSON.stringify(value), 'an object with the fields of a class')
}
