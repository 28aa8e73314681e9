import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { HandlerScope } from '../message/handler-resolver.ts'
import type { EventHandlerContext } from './event-handler-context.ts'

/**
 * How often an event handler sees an event, where a process may die at any moment.
 *
 * - `at-most-once`: never twice. The checkpoint moves before the handler runs, and a failure is not tried again:
 *   an event may be lost.
 * - `at-least-once`: never not at all. The checkpoint moves after the handler has succeeded: an event may come twice.
 * - `idempotent`: at least once, and never again once it has succeeded and that was recorded. Ids of handled events
 *   are remembered for a while, so an event that comes again, from the log or from elsewhere, is passed over. Only a
 *   crash inside the handler, or before its success is recorded, makes it run twice.
 */
export type DeliveryMode = 'at-most-once' | 'at-least-once' | 'idempotent'

/**
 * What to do with an event that fails.
 *
 * - `halt`: after its tries, stop and wait for somebody.
 * - `skip`: after its tries, report it and go on without it.
 * - `dead-letter`: keep it, with all later ones of its stream, and go on with the other streams while it is tried again.
 *   After its tries it waits for somebody.
 */
export type FailurePolicy = 'halt' | 'skip' | 'dead-letter'

/** What {@link FailurePolicy} names. */
export const failurePolicies: readonly FailurePolicy[] = ['halt', 'skip', 'dead-letter']

/** What an event handler does with one kind of event. */
export interface Reaction {
  readonly event: EventDefinition
  /**
   * Makes what handles the event and does nothing with it; called before the handler gets events, so that one that cannot
   * be made is found out then.
   */
  readonly prepare?: (scope: HandlerScope) => unknown
  /** Called in a scope of its own for each event; what it returns is awaited. */
  handle(event: object, context: EventHandlerContext, scope: HandlerScope): unknown
}

/** An event handler: code that reacts to events with effects on the world, such as mails, calls and commands. */
export interface EventHandlerDefinition {
  readonly kind: 'event-handler'
  /** Stable: what is known of its progress is kept under it. */
  readonly name: string
  readonly delivery: DeliveryMode
  readonly reactions: readonly Reaction[]
  /** Where it starts when it runs for the first time. */
  readonly startFrom: 'beginning' | 'end'
  /** Whether it sees events again that it was past, when it is set back. */
  readonly onReplay: boolean
  readonly onError: FailurePolicy
  /** With `idempotent`: how long ids of handled events are remembered, in milliseconds. */
  readonly windowMs: number
  /** How long one call may take before it counts as failed, in milliseconds. */
  readonly timeoutMs: number
  /** Stands between the handler and what it calls. */
  readonly circuit: CircuitBreaker | undefined
}

/** How an event handler is run. */
export interface EventHandlerSettings {
  readonly delivery: DeliveryMode
  /**
   * Where it starts when it runs for the first time under its name: with what is recorded after that start, or with
   * the first event of the log. Default `'end'`: a handler added to an old application does not mail the past.
   */
  readonly startFrom?: 'beginning' | 'end'
  /** Whether it takes part in replays. Default false: it is called for no event it was past once. */
  readonly onReplay?: boolean
  /**
   * What becomes of an event that fails. Default `'halt'`: after its tries nothing after it is handled until somebody
   * mends, resumes or skips. Not for `at-most-once`, whose default is `'skip'`.
   */
  readonly onError?: FailurePolicy
  /** With `idempotent`: how long ids of handled events are remembered, in milliseconds. Default seven days. */
  readonly windowMs?: number
  /**
   * How long one call may take, in milliseconds, before its signal is raised and it counts as failed. It may still
   * be going on when the event is tried again. Default five minutes.
   */
  readonly timeoutMs?: number
  /** Stands between the handler and what it calls: while it is open, events wait and no tries are used up. */
  readonly circuit?: CircuitBreaker
}

/** An event handler as plain functions. */
export interface EventHandlerOptions extends EventHandlerSettings {
  /** Made with {@link reactTo}. */
  readonly handlers: readonly Reaction[]
}

const dayMs = 86_400_000

/** Defines an event handler without a decorator. */
export function defineEventHandler(
  name: string,
  options: EventHandlerOptions,
): EventHandlerDefinition {
  const { delivery } = options
  return {
    kind: 'event-handler',
    name,
    delivery,
    reactions: options.handlers,
    startFrom: options.startFrom ?? 'end',
    onReplay: options.onReplay ?? false,
    onError: options.onError ?? (delivery === 'at-most-once' ? 'skip' : 'halt'),
    windowMs: options.windowMs ?? 7 * dayMs,
    timeoutMs: options.timeoutMs ?? 300_000,
    circuit: options.circuit,
  }
}

/** Names what an event handler does with one kind of event. */
export function reactTo<Event extends object>(
  event: EventDefinition<Event>,
  handle: (event: Event, context: EventHandlerContext) => unknown,
): Reaction {
  return { event, handle: (happened, context) => handle(happened as Event, context) }
}
