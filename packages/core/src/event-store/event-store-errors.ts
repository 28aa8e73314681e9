import { VarveError } from '../varve-error.ts'
import type { StreamName } from './stream-name.ts'

/** The stream was deleted for good; neither reads nor appends are possible any more. */
export class StreamDeletedError extends VarveError {
  readonly code = 'STREAM_DELETED'
  constructor(
    readonly stream: StreamName,
    options?: ErrorOptions,
  ) {
    super(`Stream "${stream}" was deleted for good. Use another stream name.`, options)
  }
}

/** An append breaks the port's rules, so that every event store would refuse it. Nothing was recorded. */
export class InvalidAppendError extends VarveError {
  readonly code = 'INVALID_APPEND'
  /** @param reason What was found and what was expected. */
  constructor(
    readonly stream: StreamName,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`The append to "${stream}" is refused: ${reason}.`, options)
  }
}

/** One append is over the size limit of the server; nothing was recorded. */
export class EventTooLargeError extends VarveError {
  readonly code = 'EVENT_TOO_LARGE'
  /** @param maxBytes The server's limit in bytes, where it says so. */
  constructor(
    readonly stream: StreamName,
    readonly maxBytes?: number,
    options?: ErrorOptions,
  ) {
    super(
      `An append to "${stream}" is over the server's limit of ${maxBytes ?? 'unknown'} bytes. Emit fewer or smaller events; keep large files elsewhere and their address in the event.`,
      options,
    )
  }
}

/** The event store could not be reached, or did not answer, for as long as the adapter retries. */
export class EventStoreUnavailableError extends VarveError {
  readonly code = 'EVENT_STORE_UNAVAILABLE'
  /** @param address Where the store was looked for, without credentials. */
  constructor(
    readonly address: string,
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(
      `The event store at ${address} did not answer (${operation}). Check that the server runs and that the address is right.`,
      options,
    )
  }
}

/** The event store was closed before the call. */
export class EventStoreClosedError extends VarveError {
  readonly code = 'EVENT_STORE_CLOSED'
  constructor(readonly operation: string) {
    super(`The event store is closed; ${operation} is not possible any more.`)
  }
}

/** A connection string cannot be used. */
export class InvalidConnectionStringError extends VarveError {
  readonly code = 'INVALID_CONNECTION_STRING'
  /** @param found The string without its credentials. */
  constructor(
    readonly found: string,
    readonly expected: string,
    options?: ErrorOptions,
  ) {
    super(`"${found}" is not a usable connection string: expected ${expected}.`, options)
  }
}
