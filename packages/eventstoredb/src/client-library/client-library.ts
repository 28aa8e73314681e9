/** `@eventstore/db-client`, as it was imported. */
export interface DbClientLibrary {
  readonly EventStoreDBClient: { connectionString(connectionString: string): object }
  convertToCommandError(failure: Error): Error
}

/** `@kurrent/kurrentdb-client`, as it was imported. */
export interface KurrentDBClientLibrary {
  readonly KurrentDBClient: { connectionString(connectionString: string): object }
  convertToCommandError(failure: Error): Error
}

/**
 * A client package with all its exports: `@kurrent/kurrentdb-client` 1.3.1 or newer, or `@eventstore/db-client`
 * 6.2.1 or newer.
 */
export type ClientLibrary = DbClientLibrary | KurrentDBClientLibrary
