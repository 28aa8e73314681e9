import { createRequire } from 'node:module'
import {
  ConflictingClientError,
  MissingClientError,
  UnsupportedClientError,
} from '../eventstoredb-errors.ts'
import type { ClientDriver, ClientPackage } from './client-driver.ts'
import type { ClientLibrary, DbClientLibrary } from './client-library.ts'
import { dbClientDriver } from './db-client-driver.ts'
import { kurrentDBClientDriver } from './kurrentdb-client-driver.ts'

const require = createRequire(import.meta.url)

const rivals: Readonly<
  Record<ClientPackage, { readonly rival: ClientPackage; readonly in: RegExp }>
> = {
  '@eventstore/db-client': {
    rival: '@kurrent/kurrentdb-client',
    in: /[\\/]@kurrent[\\/]kurrentdb-client[\\/]/,
  },
  '@kurrent/kurrentdb-client': {
    rival: '@eventstore/db-client',
    in: /[\\/]@eventstore[\\/]db-client[\\/]/,
  },
}

/**
 * Chooses the client package: the one that was passed, or else `@eventstore/db-client`, which is loaded only
 * then and never beside the other.
 *
 * @throws {ConflictingClientError} The other package is loaded in this process.
 * @throws {UnsupportedClientError} What was passed is no client package.
 * @throws {MissingClientError} No package was passed, and `@eventstore/db-client` is not installed.
 */
export function clientDriver(library?: ClientLibrary): ClientDriver {
  if (library && 'KurrentDBClient' in library) {
    refuseRival('@kurrent/kurrentdb-client')
    return kurrentDBClientDriver(library)
  }
  refuseRival('@eventstore/db-client')
  const found = library ?? loadDbClient()
  if ('EventStoreDBClient' in found) return dbClientDriver(found)
  throw new UnsupportedClientError(`with ${Object.keys(found).slice(0, 5).join(', ') || 'nothing'}`)
}

/**
 * Refuses to start where the rival of a client package is loaded: both register the same protobuf names, and
 * whichever came first breaks, with appends that never settle.
 *
 * @throws {ConflictingClientError}
 */
export function refuseRival(
  used: ClientPackage,
  loaded: readonly string[] = Object.keys(require.cache),
): void {
  const { rival, in: folder } = rivals[used]
  if (loaded.some((path) => folder.test(path))) throw new ConflictingClientError(rival, used)
}

/** The package is CommonJS, so it can be loaded when it is needed and not before. */
function loadDbClient(): DbClientLibrary {
  try {
    return require('@eventstore/db-client') as DbClientLibrary
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause
    throw new MissingClientError({ cause })
  }
}
