import type { CommandDefinition } from '../message/command-definition.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import { captureState, restoreState } from '../snapshot/state-codec.ts'
import type {
  AggregateDefinition,
  CommandContext,
  CommandHandling,
  EventHandling,
  SnapshotPolicy,
} from './aggregate-definition.ts'

/** How a functional aggregate is snapshot. */
export interface SnapshotOptions<State> {
  /** A snapshot is taken when a multiple of this number of events is crossed. At least 1. */
  readonly every: number
  /** Version of the state's schema; raise it when the state changes shape. Default 1. */
  readonly version?: number
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

/** An aggregate as plain functions. */
export interface AggregateOptions<State> {
  readonly initial: (id: string) => State
  /** Deciders by command: made with {@link decideOn}. */
  readonly decide: readonly CommandHandling<State>[]
  /** Folds by event: made with {@link evolveWith}. */
  readonly evolve: readonly EventHandling<State>[]
  readonly snapshot?: SnapshotOptions<State>
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
  const folds = new Map(
    options.evolve.map((handling) => [handling.event.class as unknown, handling]),
  )
  const evolveAll = (state: State, events: readonly object[]): State =>
    events.reduce<State>((current, event) => {
      // What is no event is refused with its name when it is encoded.
      const handling = folds.get((event as { constructor?: unknown } | undefined)?.constructor)
      return handling ? handling.evolve(current, event) : current
    }, state)
  const commands = options.decide.map(({ command, decide }) => ({
    command,
    decide: async (state: State, message: object, context: CommandContext) => {
      const { events } = await decide(state, message, context)
      return { events, state: evolveAll(state, events) }
    },
  }))
  return {
    kind: 'aggregate',
    category,
    initial: options.initial,
    commands,
    events: options.evolve,
    ...(options.snapshot && { snapshot: policyOf(options.snapshot) }),
  }
}

/** Names the decider of one kind of command. */
export function decideOn<State, Command extends object>(
  command: CommandDefinition<Command>,
  decide: Decider<State, Command>,
): CommandHandling<State> {
  return {
    command: command,
    decide: async (state, message, context) => {
      const result = await decide(state, message as Command, context)
      const events =
        result === undefined ? [] : Array.isArray(result) ? (result as object[]) : [result]
      return { events, state }
    },
  }
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
    every: options.every,
    version: options.version ?? 1,
    capture: options.toSnapshot ?? captureState,
    restore: options.fromSnapshot ?? ((value) => restoreState(value) as State),
  }
}
