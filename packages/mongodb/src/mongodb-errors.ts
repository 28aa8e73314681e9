import { isVarveError, ReadModelStoreUnavailableError } from '@varve/core'
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb'
import { ExactlyOnceUnavailableError } from './connection/exactly-once-unavailable-error.ts'
import {
  ReadModelStoreAccessDeniedError,
  ReadModelStoreRejectedError,
} from './connection/read-model-store-errors.ts'

/** What was being done when an error came, for its message. */
export interface FailedOperation {
  /** Address of the server, without credentials. */
  readonly address: string
  readonly operation: string
}

/** MongoDB's error codes this package acts on. */
export const serverCode = {
  illegalOperation: 20,
  namespaceNotFound: 26,
  namespaceExists: 48,
  duplicateKey: 11000,
} as const

/** Turns what the driver threw into the error a user of Varve sees; what is one already stays. */
export function toReadModelError(error: unknown, { address, operation }: FailedOperation): unknown {
  if (isVarveError(error)) return error
  const cause = sourceOf(error)
  if (!(cause instanceof MongoError)) return error
  if (isUnavailable(cause)) return new ReadModelStoreUnavailableError(address, operation, { cause })
  switch (codeOf(cause)) {
    case 13: // Unauthorized
    case 18: // AuthenticationFailed
    case 8000: // AtlasError, how Atlas says the same
      return new ReadModelStoreAccessDeniedError(address, operation, { cause })
    case serverCode.illegalOperation:
      return /transaction numbers/i.test(cause.message)
        ? new ExactlyOnceUnavailableError(address, { cause })
        : rejected(cause, address, operation)
    default:
      return rejected(cause, address, operation)
  }
}

/** Tells whether an error means that the server was not reached, or could not finish just now. */
export function isUnavailable(error: unknown): boolean {
  const source = sourceOf(error)
  if (
    source instanceof MongoNetworkError ||
    source instanceof MongoServerSelectionError ||
    source instanceof MongoServerClosedError ||
    source instanceof MongoTopologyClosedError ||
    source instanceof MongoNotConnectedError ||
    source instanceof MongoClientClosedError
  ) {
    return true
  }
  // A write conflict, for one: the same transaction may succeed later.
  if (source instanceof MongoError && source.hasErrorLabel('TransientTransactionError')) return true
  switch (codeOf(source)) {
    case 6: // HostUnreachable
    case 7: // HostNotFound
    case 50: // MaxTimeMSExpired
    case 64: // WriteConcernFailed, how a majority that is not there shows
    case 89: // NetworkTimeout
    case 91: // ShutdownInProgress
    case 134: // ReadConcernMajorityNotAvailableYet
    case 189: // PrimarySteppedDown
    case 262: // ExceededTimeLimit
    case 9001: // SocketException
    case 10107: // NotWritablePrimary
    case 11600: // InterruptedAtShutdown
    case 11602: // InterruptedDueToReplStateChange
    case 13435: // NotPrimaryNoSecondaryOk
    case 13436: // NotPrimaryOrSecondary
      return true
    default:
      return false
  }
}

/** Tells whether an error is about a key that exists already. */
export function isDuplicateKey(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.code === serverCode.duplicateKey
}

/** Tells whether the server refused an operation with one code. */
export function hasCode(error: unknown, code: number): boolean {
  return error instanceof MongoServerError && error.code === code
}

/** A bulk write hides the network error it met inside an error of its own. */
function sourceOf(error: unknown): unknown {
  if (!(error instanceof MongoBulkWriteError)) return error
  return error.errorResponse instanceof MongoError ? error.errorResponse : error
}

/** A bulk write whose majority did not answer in time has the code one level down. */
function codeOf(error: unknown): unknown {
  const code = error instanceof MongoError ? error.code : undefined
  return code ?? (error instanceof MongoBulkWriteError ? error.err?.code : undefined)
}

function rejected(
  cause: MongoError,
  address: string,
  operation: string,
): ReadModelStoreRejectedError {
  const code = codeOf(cause)
  return new ReadModelStoreRejectedError(
    address,
    operation,
    typeof code === 'number' ? code : undefined,
    cause.message,
    { cause },
  )
}
