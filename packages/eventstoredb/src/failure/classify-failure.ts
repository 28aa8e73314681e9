import { CallFailure } from './call-failure.ts'

/** What the client's errors have in common. Two copies of the package make `instanceof` useless. */
export interface ClientFailure {
  readonly type?: unknown
  readonly code?: unknown
  readonly message?: unknown
}

const transientTypes = new Set([
  'unavailable',
  'deadline-exceeded',
  'timeout',
  'cancelled',
  'not-leader',
])
/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE. */
const transientCodes = new Set([1, 4, 10, 13, 14])
const transientMessage = /Server Is Not Ready|Failed to discover|ERR_STREAM|premature close/i

/**
 * Tells whether trying again may help, and so whether the outcome of a write is unknown.
 *
 * Measured on a server that is killed, stopped, paused and restarted; errors of discovery and of the
 * question for the server's features are raw errors without a type.
 */
export function isTransient(failure: unknown): boolean {
  if (failure instanceof CallFailure) return true
  const { type, code, message } = asFailure(failure)
  // A refusal may come with any gRPC code, so its type decides.
  if (typeof type === 'string' && type !== 'unknown') return transientTypes.has(type)
  if (typeof code === 'number' && transientCodes.has(code)) return true
  return typeof message === 'string' && transientMessage.test(message)
}

/**
 * Tells whether the client that failed should not be used for the next try.
 *
 * A failed discovery stays cached in the client, and a lost connection is only dialled again after a
 * growing delay; a new client dials at once. A client that was told of another leader goes there itself.
 */
export function isConnectionInDoubt(failure: unknown): boolean {
  return isTransient(failure) && typeOf(failure) !== 'not-leader'
}

/** Returns the client's own name for a failure; undefined for a raw error. */
export function typeOf(failure: unknown): string | undefined {
  const { type } = asFailure(failure)
  return typeof type === 'string' ? type : undefined
}

function asFailure(failure: unknown): ClientFailure {
  return typeof failure === 'object' && failure !== null ? failure : {}
}
