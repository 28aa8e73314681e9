import { plainText } from '../bson/print-value.ts'
import type { BsonDocument } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

const VERSION_1 = new Set([
  'abortTransaction',
  'aggregate',
  'authenticate',
  'bulkWrite',
  'collMod',
  'commitTransaction',
  'count',
  'create',
  'createIndexes',
  'delete',
  'drop',
  'dropDatabase',
  'dropIndexes',
  'endSessions',
  'explain',
  'find',
  'findAndModify',
  'getMore',
  'hello',
  'insert',
  'killCursors',
  'listCollections',
  'listDatabases',
  'listIndexes',
  'ping',
  'refreshSessions',
  'saslContinue',
  'saslStart',
  'update',
])

/**
 * Checks the Stable API fields of a command.
 *
 * @throws {ServerError} The version is unknown, or the command is not in it and the client is strict.
 */
export function assertApiVersion(body: BsonDocument, name: string): void {
  const { apiVersion, apiStrict } = body
  if (apiVersion === undefined) {
    if (apiStrict === undefined && body['apiDeprecationErrors'] === undefined) return
    throw new ServerError(4886600, 'Provided apiStrict without passing apiVersion')
  }
  if (apiVersion !== '1')
    throw new ServerError(
      'APIVersionError',
      `API version must be "1", found ${plainText(apiVersion)}`,
    )
  if (apiStrict === true && !VERSION_1.has(name)) {
    throw new ServerError(
      'APIStrictError',
      `Provided apiStrict:true, but the command ${name} is not in API Version 1`,
    )
  }
}
