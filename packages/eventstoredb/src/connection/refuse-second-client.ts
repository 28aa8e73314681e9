import { createRequire } from 'node:module'
import { ConflictingClientError } from '../eventstoredb-errors.ts'

const other = /[\\/]@kurrent[\\/]kurrentdb-client[\\/]/

/**
 * Refuses to start where the other client package is loaded: both register the same protobuf names, and
 * whichever came first breaks, with appends that never settle.
 *
 * @throws {ConflictingClientError}
 */
export function refuseSecondClient(
  loaded: readonly string[] = Object.keys(createRequire(import.meta.url).cache),
): void {
  if (loaded.some((path) => other.test(path)))
    throw new ConflictingClientError('@kurrent/kurrentdb-client')
}
