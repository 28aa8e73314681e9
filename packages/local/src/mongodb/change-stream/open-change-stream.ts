import { ServerError } from '../errors/server-error.ts'
import type { EncodableDocument } from '../bson/encode.ts'
import type { BsonDocument } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import { cursorReply, batchSizeOf } from '../cursor/cursor-reply.ts'
import { isDocument } from '../bson/value.ts'
import { changeStreamSource } from './change-stream-source.ts'
import { parseChangeStream } from './change-stream-request.ts'

/**
 * Opens a change stream and answers with its first batch.
 *
 * @throws {ServerError} The server is no replica set, or an option is invalid.
 */
export function openChangeStream(
  context: CommandContext,
  pipeline: readonly BsonDocument[],
): EncodableDocument {
  if (!context.server.isReplicaSet) {
    throw new ServerError(40573, 'The $changeStream stage is only supported on replica sets')
  }
  if (context.transaction) {
    throw new ServerError(
      'OperationNotSupportedInTransaction',
      'Operation not permitted in transaction :: caused by :: Aggregation stage $changeStream cannot run within a multi-document transaction',
    )
  }
  const request = parseChangeStream(context, pipeline)
  const source = changeStreamSource(context, request)
  const cursor = context.body['cursor']
  return cursorReply(context, request.ns, source, {
    batchSize: batchSizeOf(isDocument(cursor) ? cursor['batchSize'] : undefined),
  })
}
