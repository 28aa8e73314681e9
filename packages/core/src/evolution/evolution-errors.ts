import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { VarveError } from '../varve-error.ts'

/** An event was written by later code than this, in a version it does not know. */
export class NewerEventVersionError extends VarveError {
  readonly code = 'NEWER_EVENT_VERSION'
  constructor(
    readonly event: RecordedEvent,
    readonly stored: number,
    readonly known: number,
  ) {
    super(
      `Event "${event.type}" in stream "${event.stream}" at revision ${event.revision} is stored in version ${stored}, but version ${known} is the latest this process knows. Deploy the code that declares version ${stored} here before, or together with, what writes it.`,
    )
  }
}

/** An upcaster threw, or made what is no event. */
export class UpcastError extends VarveError {
  readonly code = 'UPCAST_FAILED'
  constructor(
    readonly event: RecordedEvent,
    /** Version the upcaster reads. */
    readonly version: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `Event "${event.type}" in stream "${event.stream}" at revision ${event.revision} could not be brought up from version ${version}: ${reason} Correct the upcaster; the log stays as it is.`,
      options,
    )
  }
}

/** A recorded event stands for none or several events now, and one was asked for. */
export class NotOneEventError extends VarveError {
  readonly code = 'NOT_ONE_EVENT'
  constructor(
    readonly event: RecordedEvent,
    readonly found: number,
  ) {
    super(
      `Event "${event.type}" in stream "${event.stream}" at revision ${event.revision} stands for ${found} events now, where exactly one was asked for. Use the codec's "upcast" first and decode each of what it gives.`,
    )
  }
}

/** An event cannot be written in an older version. */
export class DowncastError extends VarveError {
  readonly code = 'DOWNCAST_FAILED'
  constructor(
    readonly type: string,
    readonly wanted: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Event "${type}" cannot be written in version ${wanted}: ${reason}`, options)
  }
}
