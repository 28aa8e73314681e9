import type { EventStoreDBClient } from '@eventstore/db-client'
import type { ConnectionSettings } from '../connection/connection-settings.ts'
import type { ClientRead } from '../read/read-call.ts'

/** Names of the client packages. */
export type ClientPackage = '@eventstore/db-client' | '@kurrent/kurrentdb-client'

/** What an append expects, as both clients call it. */
export type ClientExpectation = 'any' | 'no_stream' | 'stream_exists' | bigint

/** The client, in the calls that are the same in both packages. */
export type Client = EventStoreDBClient

/** How one client package is used: everything in which the two differ. */
export interface ClientDriver {
  readonly package: ClientPackage
  /**
   * Makes a client with a connection of its own.
   *
   * @param keepAliveIntervalMs No other client in the process has the same.
   */
  connect(settings: ConnectionSettings, keepAliveIntervalMs: number): Client
  /** Says what an append expects, under the name its option has. */
  expecting(expected: ClientExpectation): object
  /** Makes a stream of what the client returns for a read. */
  reading(read: unknown): ClientRead
  /** Gives a raw gRPC failure the client's own type. */
  convertFailure(failure: Error): Error
}
