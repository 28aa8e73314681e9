import { VarveError } from '@varve/core'

/** A subscription was asked for with options that contradict each other. */
export class InvalidSubscriptionError extends VarveError {
  readonly code = 'INVALID_SUBSCRIPTION'
  /** @param reason What was found and what was expected. */
  constructor(readonly reason: string) {
    super(`The subscription is refused: ${reason}.`)
  }
}

/** The server knows the caller and does not let it do this. */
export class EventStoreAccessDeniedError extends VarveError {
  readonly code = 'EVENT_STORE_ACCESS_DENIED'
  constructor(
    readonly address: string,
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(
      `The event store at ${address} refused access (${operation}). Check the user and password of the connection string and the stream's access rights.`,
      options,
    )
  }
}

/** The server answered with a failure that trying again does not mend. */
export class EventStoreFailedError extends VarveError {
  readonly code = 'EVENT_STORE_FAILED'
  constructor(
    readonly address: string,
    readonly operation: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The event store at ${address} could not complete ${operation}: ${reason}. See the server's log.`,
      options,
    )
  }
}

/** Another package in this process breaks the client package that is to be used. */
export class ConflictingClientError extends VarveError {
  readonly code = 'CONFLICTING_CLIENT'
  constructor(
    readonly found: string,
    readonly used: string,
  ) {
    super(
      `${found} is loaded in this process, and ${used} is to be used. They cannot live side by side: both register the same protobuf names, and appends would never settle. Load only one of them.`,
    )
  }
}

/** What was passed as a client package is none, or a version of one that this adapter does not know. */
export class UnsupportedClientError extends VarveError {
  readonly code = 'UNSUPPORTED_CLIENT'
  constructor(readonly found: string) {
    super(
      `The client package that was passed (${found}) cannot be used. Pass what \`import * as client from '@kurrent/kurrentdb-client'\` gives, version 1.3 or newer, or the same of @eventstore/db-client, version 6.2.1.`,
    )
  }
}

/** There is no client package to work with. */
export class MissingClientError extends VarveError {
  readonly code = 'MISSING_CLIENT'
  constructor(options?: ErrorOptions) {
    super(
      'No client package was passed, and @eventstore/db-client cannot be found. Install it, or install @kurrent/kurrentdb-client and pass it: { client: await import("@kurrent/kurrentdb-client") }.',
      options,
    )
  }
}
