import { GrpcError, GrpcStatus } from '../grpc/grpc-status.ts'

/** Largest append in bytes of event data, the default of EventStoreDB up to 25.0. */
export const MAX_APPEND_BYTES = 1024 * 1024

/** The stream was tombstoned. */
export function streamDeleted(stream: string): GrpcError {
  return new GrpcError(GrpcStatus.failedPrecondition, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  })
}

/** The stream is not where a deletion expected it. */
export function wrongExpectedVersion(stream: string, expected: number, actual: number): GrpcError {
  return new GrpcError(
    GrpcStatus.failedPrecondition,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expected),
      'actual-version': String(actual),
    },
  )
}

/** The events of one append are too large together. */
export function maxAppendSizeExceeded(): GrpcError {
  return new GrpcError(
    GrpcStatus.invalidArgument,
    `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`,
    {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(MAX_APPEND_BYTES),
    },
  )
}

/** Nobody may write to `$all`. */
export function accessDenied(): GrpcError {
  return new GrpcError(GrpcStatus.permissionDenied, 'Access Denied', {
    exception: 'access-denied',
  })
}

/** The request makes no sense to the server, which says no more than this. */
export function invalidRequest(what: string): GrpcError {
  return new GrpcError(GrpcStatus.unknown, `Unexpected request: ${what}.`)
}
