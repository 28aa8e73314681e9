import type { GrpcCall, GrpcHandler } from '../grpc/grpc-call.ts'
import { asGrpcError } from '../grpc/grpc-status.ts'
import type { EventLog } from '../log/event-log.ts'
import { LogPages } from '../log/log-pages.ts'
import { StreamPages } from '../log/stream-pages.ts'
import { type ReadOptions, readReadRequest } from '../wire/read-request.ts'
import { readAll } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { subscribeToAll } from './subscribe-to-all.ts'
import { subscribeToStream } from './subscribe-to-stream.ts'

/** Handles `Streams/Read`: reads and catch-up subscriptions. */
export function readHandler(log: EventLog): GrpcHandler {
  const streamPages = new StreamPages(log)
  const logPages = new LogPages(log)
  const answer = (call: GrpcCall, options: ReadOptions): Promise<void> => {
    const { stream, maxCount } = options
    if (maxCount === undefined) {
      return stream === undefined
        ? subscribeToAll(call, log, logPages, options)
        : subscribeToStream(call, log, streamPages, { ...options, stream })
    }
    return stream === undefined
      ? readAll(call, log, logPages, { ...options, maxCount })
      : readStream(call, log, streamPages, { ...options, stream, maxCount })
  }
  return (call) => {
    call.receive((request) => {
      answer(call, readReadRequest(request)).then(
        () => {
          call.end()
        },
        (reason: unknown) => {
          call.end(asGrpcError(reason))
        },
      )
    })
  }
}
