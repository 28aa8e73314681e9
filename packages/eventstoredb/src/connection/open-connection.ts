import {
  type EventStoreDBOptions,
  type ResolvedOptions,
  resolveOptions,
} from '../eventstoredb-options.ts'
import { clientDriver } from '../client-library/choose-client.ts'
import { clientOpener, type OpenClient } from './open-client.ts'
import { parseConnectionString } from './parse-connection-string.ts'

/** Calls on one connection before another is opened; servers take 100. */
export const callsPerConnection = 80

/** A server as it is to be connected to. */
export interface Connection extends ResolvedOptions {
  /** Scheme and hosts, for messages. Never credentials. */
  readonly address: string
  readonly open: OpenClient
}

/**
 * Prepares connections. Connects to nothing yet.
 *
 * @throws {InvalidConnectionStringError} The connection string cannot be used; nothing secret is repeated.
 * @throws {ConflictingClientError} The other client package is loaded in this process.
 * @throws {MissingClientError} No client package was passed, and `@eventstore/db-client` is not installed.
 */
export function openConnection({
  connectionString,
  client,
  ...options
}: EventStoreDBOptions): Connection {
  const settings = parseConnectionString(connectionString)
  const { address, warnings } = settings
  const resolved = resolveOptions(options, settings.parameters.defaultDeadline)
  for (const warning of warnings) resolved.logger.warn(`${warning}.`, { address })
  return { ...resolved, address, open: clientOpener(settings, clientDriver(client)) }
}
