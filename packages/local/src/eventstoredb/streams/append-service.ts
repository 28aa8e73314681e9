import type { GrpcHandler } from '../grpc/grpc-call.ts'
import { asGrpcError } from '../grpc/grpc-status.ts'
import type { StreamWriter } from '../log/stream-writer.ts'
import { readAppendMessage, type WriteOptions } from '../wire/append-messages.ts'
import { appendConflicted, appendSucceeded } from '../wire/append-responses.ts'
import type { ProposedEvent } from '../wire/event-frame.ts'
import {
  accessDenied,
  invalidRequest,
  MAX_APPEND_BYTES,
  maxAppendSizeExceeded,
  streamDeleted,
} from './stream-errors.ts'

/** Handles `Streams/Append`: the options, then one message per event, then one answer. */
export function appendHandler(writer: StreamWriter): GrpcHandler {
  return (call) => {
    let options: WriteOptions | undefined
    let bytes = 0
    const events: ProposedEvent[] = []
    call.receive(
      (request) => {
        const message = readAppendMessage(request)
        if (!message || 'options' in message === (options !== undefined)) {
          throw invalidRequest('an append starts with its options, followed by events')
        }
        if ('options' in message) {
          options = message.options
          return
        }
        bytes += message.event.data.length
        if (bytes > MAX_APPEND_BYTES) throw maxAppendSizeExceeded()
        events.push(message.event)
      },
      () => {
        append(writer, options, events).then(
          (response) => {
            call.send(response)
            call.end()
          },
          (reason: unknown) => {
            call.end(asGrpcError(reason))
          },
        )
      },
    )
  }
}

async function append(
  writer: StreamWriter,
  options: WriteOptions | undefined,
  events: readonly ProposedEvent[],
): Promise<Buffer> {
  if (!options || options.expected === undefined || options.stream === '') {
    throw invalidRequest('an append needs a stream and an expected revision')
  }
  const { stream, expected } = options
  if (stream === '$all') throw accessDenied()
  const result = await writer.append(stream, expected, events)
  switch (result.outcome) {
    case 'written':
      return appendSucceeded(result)
    case 'conflict':
      return appendConflicted(expected, result.actual)
    case 'deleted':
      throw streamDeleted(stream)
  }
}
