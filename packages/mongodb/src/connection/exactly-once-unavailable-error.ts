import { VarveError } from '@varve/core'

/** `exactly-once` was required of a server that has no transactions. */
export class ExactlyOnceUnavailableError extends VarveError {
  readonly code = 'EXACTLY_ONCE_UNAVAILABLE'
  /** @param address Address of the server, without credentials. */
  constructor(
    readonly address: string,
    options?: ErrorOptions,
  ) {
    super(
      `The MongoDB server at ${address} is a standalone and has no transactions, but level "exactly-once" is required. Start it as a replica set (one member is enough: mongod --replSet rs0, then rs.initiate()), or do not require a level to run at "idempotent".`,
      options,
    )
  }
}
