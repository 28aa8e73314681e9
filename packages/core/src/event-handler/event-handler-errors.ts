import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { VarveError } from '../varve-error.ts'
import type { HandlerProgress } from './handler-progress-store.ts'

/** A call of an event handler threw. */
export class EventHandlerError extends VarveError {
  readonly code = 'EVENT_HANDLER'
  constructor(
    readonly handler: string,
    readonly event: RecordedEvent,
    /** Which try it was, from 1. */
    readonly attempt: number,
    options: ErrorOptions,
  ) {
    super(
      `Event handler "${handler}" failed on ${named(event)}, try ${attempt}: ${reasonOf(options.cause)}`,
      options,
    )
  }
}

/** A call of an event handler took too long. It may still be going on. */
export class EventHandlerTimeoutError extends VarveError {
  readonly code = 'EVENT_HANDLER_TIMEOUT'
  constructor(
    readonly handler: string,
    readonly timeoutMs: number,
  ) {
    super(
      `The call took longer than ${timeoutMs} ms. Pass context.signal to what it waits for, or raise timeoutMs of event handler "${handler}".`,
    )
  }
}

/** An event handler gave up on an event after its tries and waits for somebody to mend it. */
export class EventHandlerHaltedError extends VarveError {
  readonly code = 'EVENT_HANDLER_HALTED'
  constructor(
    readonly handler: string,
    /** What it could not handle; undefined: it cannot be made, whatever the event. */
    readonly event: RecordedEvent | undefined,
    options: ErrorOptions,
  ) {
    const { cause } = options
    const reason = reasonOf(cause instanceof EventHandlerError ? cause.cause : cause).replace(
      /[.\s]+$/,
      '',
    )
    super(
      `Event handler "${handler}" is halted${event ? ` on ${named(event)}` : ''}: ${reason}. Mend the cause and call resume("${handler}")${event ? `, or leave the event out with skip("${handler}", ${event.position}n)` : ''}; nothing was left out so far.`,
      options,
    )
  }
}

/** An event handler has as many dead letters as it may have, so it halts instead of dropping one. */
export class HandlerLetterLimitError extends VarveError {
  readonly code = 'HANDLER_LETTER_LIMIT'
  constructor(
    readonly handler: string,
    readonly limit: number,
  ) {
    super(
      `Event handler "${handler}" would have more than ${limit} dead letters. Mend the cause and retry the letters, discard some, or raise maxDeadLetters.`,
    )
  }
}

/** A process ended, or was cut off, inside a call of an event handler that must never be made twice. */
export class HandlerInterruptedCallError extends VarveError {
  readonly code = 'HANDLER_INTERRUPTED_CALL'
  constructor(readonly handler: string) {
    super(
      `The process ended while event handler "${handler}" had the event, so nobody knows whether it is handled. Look at what it does to the world, then retry or discard the letter.`,
    )
  }
}

/** Another process took an event handler over, or somebody moved it, so this one may not go on. */
export class EventHandlerConflictError extends VarveError {
  readonly code = 'EVENT_HANDLER_CONFLICT'
  constructor(
    readonly expected: HandlerProgress,
    readonly found: HandlerProgress | undefined,
    options?: ErrorOptions,
  ) {
    super(
      `Event handler "${expected.handler}" is not where this process left it: expected ${placeOf(expected)}, found ${placeOf(found)}. Another process took over, or somebody moved it; take it again and look.`,
      options,
    )
  }
}

/** The event store ended an event handler's subscription that nobody stopped. It is opened again. */
export class EventHandlerInterruptedError extends VarveError {
  readonly code = 'EVENT_HANDLER_INTERRUPTED'
  constructor(readonly handler: string) {
    super(
      `The subscription of event handler "${handler}" ended by itself. Nothing is lost: it goes on from where it was.`,
    )
  }
}

/** An event handler's name is not among the definitions. */
export class UnknownEventHandlerError extends VarveError {
  readonly code = 'UNKNOWN_EVENT_HANDLER'
  constructor(
    readonly found: string,
    readonly known: readonly string[],
  ) {
    super(
      `There is no event handler "${found}"; known: ${known.length === 0 ? 'none' : known.join(', ')}.`,
    )
  }
}

/** An event handler did not get to a position in time. */
export class EventHandlerLagError extends VarveError {
  readonly code = 'EVENT_HANDLER_LAG'
  constructor(
    readonly handler: string,
    readonly wanted: bigint,
    readonly reached: bigint | undefined,
    readonly timeoutMs: number,
  ) {
    super(
      `Event handler "${handler}" did not get to position ${wanted} within ${timeoutMs} ms; it is at ${reached ?? 'none'}. Look at its status, or wait longer.`,
    )
  }
}

/** An event handler that takes no part in replays was to be set back. Nothing was changed. */
export class ReplayRefusedError extends VarveError {
  readonly code = 'REPLAY_REFUSED'
  constructor(readonly handler: string) {
    super(
      `Event handler "${handler}" takes no part in replays, so setting it back would do nothing. Define it with onReplay: true if its effects may happen again.`,
    )
  }
}

/** The event to be left out is not the one the event handler would handle next. Nothing was changed. */
export class NotTheNextEventError extends VarveError {
  readonly code = 'NOT_THE_NEXT_EVENT'
  constructor(
    readonly handler: string,
    readonly asked: bigint,
    readonly next: RecordedEvent | undefined,
  ) {
    const found = next ? `"${next.type}" at position ${next.position}` : 'none'
    super(
      `Event handler "${handler}" cannot leave out the event at position ${asked}: its next event is ${found}. Name the position of the next one.`,
    )
  }
}

function named({ type, stream, revision, position }: RecordedEvent): string {
  return `"${type}" at ${stream}/${revision} (position ${position})`
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function placeOf(progress: HandlerProgress | undefined): string {
  return progress ? `epoch ${progress.epoch}, position ${progress.position ?? 'none'}` : 'nothing'
}
