import type { CommandDefinition } from '../message/command-definition.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import { rulesOf, type SnapshotRules } from '../snapshot/snapshot-rules.ts'
import { captureState, restoreState } from '../snapshot/state-codec.ts'
import type {
  AggregateCacheOptions,
  AggregateDefinition,
  CommandContext,
  CommandHandling,
  EventHandling,
  SnapshotPolicy,
} from './aggregate-definition.ts'
import { conflictHandling, type ConflictPolicy } from './conflict.ts'
import { after } from './asynchronous.ts'

/** How a functional aggregate is snapshot. */
export interface SnapshotOptions<State> extends SnapshotRules<State> {
  /** Writes the state. Default: its properties, with dates, bigints, maps and sets. */
  readonly toSnapshot?: (state: State) => JsonValue
  /** Reads the state. Default: the inverse of the default of `toSnapshot`. */
  readonly fromSnapshot?: (value: JsonValue) => State
}

/** Decides on one kind of command: returns the events, one or several, or nothing. */
export type Decider<State, Command> = (
  state: State,
  command: Command,
  context: CommandContext,
) => DeciderResult | Promise<DeciderResult>

/** What a decider returns. */
export type DeciderResult = object | readonly object[] | undefined

/** {@link decideOn} for one state, which need not be named. */
export type DecideOn<State> = <Command extends object>(
  command: CommandDefinition<Command>,
  decide: Decider<State, Command>,
  options?: DecideOptions<State, Command>,
) => CommandHandling<State>

/** {@link evolveWith} for one state, which need not be named. */
export type EvolveWith<State> = <Event extends object>(
  event: EventDefinition<Event>,
  evolve: (state: State, event: Event) => State,
) => EventHandling<State>

/** An aggregate as plain functions. */
export interface AggregateOptions<State> {
  readonly initial: (id: string) => State
  /**
   * Deciders by command: made with {@link decideOn}. Or a function that makes them with the `decideOn` it is given,
   * which knows the state from `initial`.
   */
  readonly decide:
    | readonly CommandHandling<State>[]
    | ((decideOn: DecideOn<State>) => readonly CommandHandling<State>[])
  /** Folds by event: made with {@link evolveWith}, or with the one that a function is given. */
  readonly evolve:
    | readonly EventHandling<State>[]
    | ((evolveWith: EvolveWith<State>) => readonly EventHandling<State>[])
  readonly snapshot?: SnapshotOptions<State>
  /** Default: kept in memory between commands. */
  readonly cache?: false | AggregateCacheOptions
}

/**
 * Defines an aggregate without classes: `initial`, `decide` and `evolve`.
 *
 * @param category Category of its streams, `<category>-<id>`; without `-`.
 */
export function defineAggregate<State>(
  category: string,
  options: AggregateOptions<State>,
): AggregateDefinition<State> {
  const { decide, evolve } = options
  return {
    kind: 'aggregate',
    category,
    initial: options.initial,
    commands: typeof decide === 'function' ? decide(decideOn) : decide,
    events: typeof evolve === 'function' ? evolve(evolveWith) : evolve,
    ...(options.cache !== undefined && { cache: options.cache }),
    ...(options.snapshot && { snapshot: policyOf(options.snapshot) }),
  }
}

/** Options of {@link decideOn}. */
export interface DecideOptions<State, Command extends object> {
  /** What the command does when other writers were faster. Default `'retry'`. */
  readonly onConflict?: ConflictPolicy<State, Command>
}

/** Names the decider of one kind of command. */
export function decideOn<State, Command extends object>(
  command: CommandDefinition<Command>,
  decide: Decider<State, Command>,
  options: DecideOptions<State, Command> = {},
): CommandHandling<State> {
  return {
    ...conflictHandling(options.onConflict),
    command: command,
    decide: (state, message, context) =>
      after(() => decide(state, message as Command, context), decisionOf),
  }
}

function decisionOf(result: DeciderResult): { readonly events: readonly object[] } {
  if (result === undefined) return { events: [] }
  return { events: Array.isArray(result) ? (result as readonly object[]) : [result] }
}

/** Names the fold of one kind of event. */
export function evolveWith<State, Event extends object>(
  event: EventDefinition<Event>,
  evolve: (state: State, event: Event) => State,
): EventHandling<State> {
  return {
    event: event,
    evolve: (state, message) => evolve(state, message as Event),
  }
}

function policyOf<State>(options: SnapshotOptions<State>): SnapshotPolicy<State> {
  return {
    ...rulesOf(options),
    capture: options.toSnapshot ?? ((state) => captureState(state, options.classes)),
    restore: options.fromSnapshot ?? ((value) => restoreState(value, options.classes) as State),
  }
}
