import type { EventMetadata, RecordedEvent } from '../event-store/recorded-event.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonValue } from '../serialization/json-value.ts'
import type { SnapshotProgress } from '../snapshot/snapshot-rules.ts'
import type { ConflictHandling } from './conflict.ts'

/** What a command handler knows of the command beyond its fields. */
export interface CommandContext {
  readonly commandId: string
  readonly aggregateId: string
  readonly correlationId: string
  readonly actor: string | undefined
  readonly tenant: string | undefined
  /** The time to decide by. The same in every retry of the command. */
  readonly now: Date
  /** Returns a service or handler of the message's scope. */
  resolve<T extends object>(type: Constructor<T>): T
}

/** What a command came to. */
export interface Decision<State> {
  /** Oldest first; none means that nothing happened. */
  readonly events: readonly object[]
  /**
   * The state with the events in it, where deciding has changed it. Left out: the definition's folds make it, once
   * the events are stored.
   */
  readonly state?: State
}

/** Decides what a command does to a state. May be called several times for one command. */
export type Decide<State> = (
  state: State,
  command: object,
  context: CommandContext,
) => Decision<State> | Promise<Decision<State>>

/** Folds one event into the state and returns the state, changed or new. */
export type Evolve<State> = (state: State, event: object, recorded?: RecordedEvent) => State

/** A command an aggregate handles. */
export interface CommandHandling<State> extends ConflictHandling<State> {
  readonly command: CommandDefinition
  /** As {@link Decide}. A method, so that definitions of every state fit in one list. */
  decide(
    this: void,
    state: State,
    command: object,
    context: CommandContext,
  ): Decision<State> | Promise<Decision<State>>
}

/** An event an aggregate folds. */
export interface EventHandling<State> {
  readonly event: EventDefinition
  /** As {@link Evolve}. */
  evolve(this: void, state: State, event: object, recorded?: RecordedEvent): State
}

/** When snapshots are taken, and how the state is written. */
export interface SnapshotPolicy<State> {
  /** A snapshot is taken when a multiple of this number of events is crossed. */
  readonly every?: number
  /** A snapshot is taken when loading took longer than this, in milliseconds. */
  readonly afterLoadMs?: number
  /** A snapshot is taken after an append where this says so. */
  when?(this: void, state: State, progress: SnapshotProgress): boolean
  /** Version of the state's schema. */
  readonly version: number
  /** How many to keep of each aggregate. Default: what the store keeps. */
  readonly keep?: number
  /** Brings the state an older version wrote up to this one; undefined discards it. */
  upcast?(this: void, state: JsonValue, version: number): JsonValue | undefined
  /** @throws {UnserializablePayloadError} The state holds what cannot be written. */
  capture(state: State): JsonValue
  /** Throws when the value is no such state. */
  restore(value: JsonValue, id: string): State
}

/** How aggregates of one kind are kept in memory between commands. */
export interface AggregateCacheOptions {
  /** Most aggregates kept; the ones used longest ago go first. Default 10,000. */
  readonly most?: number
  /**
   * How long an aggregate is used without a look at its stream, in milliseconds. A conflict shows what others have
   * added at once; this is for streams others deleted or cut. Default 60,000.
   */
  readonly maxAgeMs?: number
  /** Most commands that wait for one aggregate; more are refused with {@link AggregateBusyError}. Default 10,000. */
  readonly mostWaiting?: number
  /**
   * How long a command waits for those before it, in milliseconds; then it is refused with {@link AggregateBusyError}.
   * Default 60,000.
   */
  readonly mostWaitMs?: number
}

/** An aggregate: the consistency boundary that decides on commands by the events of one stream. */
export interface AggregateDefinition<State = unknown> {
  readonly kind: 'aggregate'
  /** Category of its streams, `<category>-<id>`. */
  readonly category: string
  /** Class of the state, where there is one: what `load` names. */
  readonly class?: Constructor
  initial(id: string): State
  readonly commands: readonly CommandHandling<State>[]
  readonly events: readonly EventHandling<State>[]
  readonly snapshot?: SnapshotPolicy<State>
  /**
   * Whether deciding changes the state itself, as emitting does in classes: a decision that was not stored leaves a
   * state that is of no use. Default false.
   */
  readonly isChangedByDeciding?: boolean
  /**
   * How aggregates are kept between commands. False: each command reads its stream, and commands on one aggregate
   * do not wait for each other.
   */
  readonly cache?: false | AggregateCacheOptions
}

/** What the writer of an event states of its origin. */
export type EventOrigin = Pick<
  EventMetadata,
  '$correlationId' | '$causationId' | 'actor' | 'tenant' | 'traceparent'
>
