import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { VarveError } from '../varve-error.ts'

/** An emitted object is no declared event. */
export class UndeclaredEventError extends VarveError {
  readonly code = 'UNDECLARED_EVENT'
  constructor(readonly found: string) {
    super(
      `${found} was emitted, but it is no declared event. Mark its class with @Event('…') or defineEvent, and name it in an @Applies, an @On or in definitions.`,
    )
  }
}

/** A payload holds a value JSON cannot carry. Nothing was stored. */
export class UnserializablePayloadError extends VarveError {
  readonly code = 'UNSERIALIZABLE_PAYLOAD'
  /**
   * @param subject What was to be stored: an event type, a snapshot.
   * @param path Where the value is: `lines[2].price`.
   */
  constructor(
    readonly subject: string,
    readonly path: string,
    readonly found: string,
    advice: string,
  ) {
    super(
      `${subject} cannot be stored: ${path === '' ? 'the payload' : `"${path}"`} is ${found}, which JSON cannot carry. ${advice}`,
    )
  }
}

/** A stream holds an event of a type nobody declared. */
export class UnknownEventTypeError extends VarveError {
  readonly code = 'UNKNOWN_EVENT_TYPE'
  readonly type: string
  constructor(readonly event: RecordedEvent) {
    super(
      `Stream "${event.stream}" has an event of type "${event.type}" at revision ${event.revision}, but no such event is declared. Declare it with @Event('${event.type}') and list it in definitions.`,
    )
    this.type = event.type
  }
}

/** A recorded event's data cannot be read as its type says. */
export class MalformedEventError extends VarveError {
  readonly code = 'MALFORMED_EVENT'
  constructor(
    readonly event: RecordedEvent,
    readonly expected: string,
    readonly found: string,
    options?: ErrorOptions,
  ) {
    super(
      `Event "${event.type}" in stream "${event.stream}" at revision ${event.revision} cannot be read: expected ${expected}, found ${found}. The log never changes, so correct what wrote it and skip or upcast this event.`,
      options,
    )
  }
}
