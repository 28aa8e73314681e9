import { type StreamName, VarveError } from '@varve/core'

/** An append breaks the port's rules, so that every event store would refuse it. Nothing was sent. */
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

/** Another package in this process breaks the client this adapter works with. */
export class ConflictingClientError extends VarveError {
  readonly code = 'CONFLICTING_CLIENT'
  constructor(readonly found: string) {
    super(
      `${found} is loaded in this process. It cannot live beside @eventstore/db-client, which this adapter uses: appends would never settle. Load only one of them.`,
    )
  }
}
