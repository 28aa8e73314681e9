import { StorageFailedError } from '../../storage/storage-errors.ts'

/** Status codes of the gRPC protocol that this server sends. */
export const GrpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const

/** The one status a call ends with when it fails. Trailers carry what clients parse the error from. */
export class GrpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly trailers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
  override get name(): string {
    return 'GrpcError'
  }
}

/** The status for whatever a handler threw. */
export function asGrpcError(reason: unknown): GrpcError {
  if (reason instanceof GrpcError) return reason
  if (reason instanceof StorageFailedError) {
    // Clients take this for a lost connection: whether the write is stored is unknown.
    return new GrpcError(GrpcStatus.unavailable, reason.message, {}, { cause: reason })
  }
  // EventStoreDB answers this for what its handlers do not foresee.
  return new GrpcError(
    GrpcStatus.unknown,
    'Exception was thrown by handler.',
    {},
    { cause: reason },
  )
}

/** Headers for a status: messages and values are percent-encoded where HTTP/2 headers need it. */
export function statusHeaders(error: GrpcError | undefined): Record<string, string> {
  if (!error) return { 'grpc-status': '0' }
  const headers: Record<string, string> = { 'grpc-status': String(error.code) }
  headers['grpc-message'] = percentEncoded(error.message, /[^\x20-\x24\x26-\x7e]/gu)
  for (const [name, value] of Object.entries(error.trailers)) {
    headers[name] = percentEncoded(value, /[^\x20-\x7e]/gu)
  }
  return headers
}

function percentEncoded(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (character) =>
    Array.from(
      Buffer.from(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  )
}
