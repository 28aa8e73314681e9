import type { GrpcHandler } from '../grpc/grpc-call.ts'
import { unary } from '../grpc/unary-handler.ts'
import type { StreamWriter, WriteResult } from '../log/stream-writer.ts'
import { readDeleteMessage } from '../wire/append-messages.ts'
import { deleteSucceeded } from '../wire/append-responses.ts'
import type { ExpectedRevision } from '../wire/expected-revision.ts'
import {
  accessDenied,
  invalidRequest,
  streamDeleted,
  wrongExpectedVersion,
} from './stream-errors.ts'

/** Handles `Streams/Delete`, which hides what a stream has so far. */
export function deleteHandler(writer: StreamWriter): GrpcHandler {
  return deletion((stream, expected) => writer.softDelete(stream, expected))
}

/** Handles `Streams/Tombstone`, which ends a stream for good. */
export function tombstoneHandler(writer: StreamWriter): GrpcHandler {
  return deletion((stream, expected) => writer.tombstone(stream, expected))
}

function deletion(
  remove: (stream: string, expected: ExpectedRevision) => Promise<WriteResult>,
): GrpcHandler {
  return unary(async (request) => {
    const { stream, expected } = readDeleteMessage(request)
    if (stream === '' || expected === undefined) {
      throw invalidRequest('a deletion needs a stream and an expected revision')
    }
    if (stream === '$all') throw accessDenied()
    const result = await remove(stream, expected)
    switch (result.outcome) {
      case 'written':
        return deleteSucceeded(result.position)
      case 'conflict':
        throw wrongExpectedVersion(stream, expected, result.actual)
      case 'deleted':
        throw streamDeleted(stream)
    }
  })
}
