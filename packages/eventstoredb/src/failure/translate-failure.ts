import {
  EventStoreUnavailableError,
  EventTooLargeError,
  type ExpectedRevision,
  isVarveError,
  StreamDeletedError,
  type StreamName,
  WrongExpectedRevisionError,
} from '@varve/core'
import { EventStoreAccessDeniedError, EventStoreFailedError } from '../eventstoredb-errors.ts'
import { isTransient, typeOf } from './classify-failure.ts'

/** What was tried, for the message. */
export interface Attempt {
  readonly address: string
  /** `append to "account-a1"` */
  readonly operation: string
  readonly stream?: StreamName
  readonly expected?: ExpectedRevision
}

/** Turns what the client threw into an error of the port. */
export function translateFailure(cause: unknown, attempt: Attempt): Error {
  if (isVarveError(cause)) return cause
  const { address, operation, stream, expected } = attempt
  const { maxAppendSize, actualVersion, actualState } = cause as {
    maxAppendSize?: number
    /** Its name in `@eventstore/db-client`. */
    actualVersion?: unknown
    /** Its name in `@kurrent/kurrentdb-client`. */
    actualState?: unknown
  }
  switch (typeOf(cause)) {
    case 'stream-deleted':
      if (stream !== undefined) return new StreamDeletedError(stream, { cause })
      break
    case 'wrong-expected-version':
      if (stream !== undefined && expected !== undefined) {
        const found = actualVersion ?? actualState
        const actual = isRevision(found) ? found : undefined
        return new WrongExpectedRevisionError(stream, expected, actual, { cause })
      }
      break
    case 'maximum-append-size-exceeded':
      if (stream !== undefined) return new EventTooLargeError(stream, maxAppendSize, { cause })
      break
    case 'access-denied':
      return new EventStoreAccessDeniedError(address, operation, { cause })
  }
  if (isTransient(cause)) return new EventStoreUnavailableError(address, operation, { cause })
  return new EventStoreFailedError(address, operation, reasonOf(cause), { cause })
}

/** A refused deletion tells -1 for a stream without events. */
function isRevision(version: unknown): version is bigint {
  return typeof version === 'bigint' && version >= 0n
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message === '' ? (typeOf(cause) ?? 'it gave no reason') : message
}
