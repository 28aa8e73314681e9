import { ERROR_CODE, type ErrorCodeName } from '../errors/error-codes.ts'

const codes = (...names: ErrorCodeName[]) => new Set<number>(names.map((name) => ERROR_CODE[name]))

const RETRYABLE = codes(
  'InterruptedAtShutdown',
  'InterruptedDueToReplStateChange',
  'NotWritablePrimary',
  'NotPrimaryNoSecondaryOk',
  'NotPrimaryOrSecondary',
  'PrimarySteppedDown',
  'ShutdownInProgress',
  'HostNotFound',
  'HostUnreachable',
  'NetworkTimeout',
)
const MORE_RETRYABLE = new Set([134, 262, 358, 384, 9001, 13388])
const CONFLICTS = codes('WriteConflict', 'LockTimeout', 'SnapshotUnavailable', 'SnapshotTooOld')

/** What decides about the labels of an error. */
export interface LabelRequest {
  readonly code: number
  readonly inTransaction: boolean
  /** True for `commitTransaction` and `abortTransaction`. */
  readonly ending: boolean
  readonly retryableWrite: boolean
  readonly hasWriteConcernError?: boolean
}

/** The labels the server gives an error. */
export function errorLabels(request: LabelRequest): string[] {
  const { code, ending, inTransaction, retryableWrite } = request
  const retryable = RETRYABLE.has(code) || MORE_RETRYABLE.has(code)
  const labels: string[] = []
  if (inTransaction || ending) {
    const lost = code === ERROR_CODE.NoSuchTransaction && request.hasWriteConcernError !== true
    if (CONFLICTS.has(code) || lost || (!ending && retryable))
      labels.push('TransientTransactionError')
  }
  if ((retryableWrite || ending) && retryable) labels.push('RetryableWriteError')
  return labels
}
