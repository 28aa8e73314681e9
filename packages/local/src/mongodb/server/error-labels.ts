import { ERROR_CODE, type ErrorCodeName } from '../errors/error-codes.ts'

const codes = (...names: ErrorCodeName[]) => names.map((name) => ERROR_CODE[name])

const NOT_PRIMARY = codes(
  'InterruptedDueToReplStateChange',
  'NotWritablePrimary',
  'NotPrimaryNoSecondaryOk',
  'NotPrimaryOrSecondary',
  'PrimarySteppedDown',
)
const SHUTDOWN = codes('InterruptedAtShutdown', 'ShutdownInProgress')

const RETRYABLE = new Set<number>([
  ...NOT_PRIMARY,
  ...SHUTDOWN,
  ...codes('HostNotFound', 'HostUnreachable', 'NetworkTimeout', 'ExceededTimeLimit'),
  // ReadConcernMajorityNotAvailableYet, ConnectionPoolExpired, SocketException
  ...[134, 317, 9001],
])
// StaleShardVersion, StaleEpoch, StaleDbVersion, ShardInvalidatedForTargeting, StaleConfig
const STALE_ROUTING = [63, 150, 249, 304, 13388]
const TRANSIENT = new Set<number>([
  ...codes('WriteConflict', 'LockTimeout', 'SnapshotUnavailable', 'SnapshotTooOld'),
  // StaleChunkHistory, PreparedTransactionInProgress, MigrationConflict
  ...[250, 267, 272],
  ...STALE_ROUTING,
])
// NetworkInterfaceExceededTimeLimit, RetryChangeStream, FailedToSatisfyReadPreference
const RESUMABLE = new Set<number>([
  ...RETRYABLE,
  ...STALE_ROUTING,
  ...codes('QueryPlanKilled'),
  ...[202, 234, 133],
])
// CloseChangeStream
const NOT_RESUMABLE = new Set<number>([
  ...codes('InvalidResumeToken', 'ChangeStreamFatalError', 'ChangeStreamHistoryLost'),
  222,
])

/** True for the errors that come with the version of the topology, so that clients know their age. */
export function concernsTopology(code: number, isReplicaSet: boolean): boolean {
  const all: readonly number[] = isReplicaSet ? [...NOT_PRIMARY, ...SHUTDOWN] : SHUTDOWN
  return all.includes(code)
}

/** What decides about the labels of an answer. */
export interface LabelRequest {
  /** Code of the error, absent when only the write concern failed. */
  readonly code?: number
  readonly writeConcernCode?: number
  readonly inTransaction: boolean
  /** True for `commitTransaction` and `abortTransaction`. */
  readonly ending: boolean
  readonly retryableWrite: boolean
  /** True when a cursor over changes failed. */
  readonly ofChangeStream: boolean
}

/** The labels the server gives an answer with an error. */
export function errorLabels(request: LabelRequest): string[] {
  const { code, writeConcernCode } = request
  if (code !== undefined && isTransient(request, code)) return ['TransientTransactionError']
  const retryable =
    (code !== undefined && RETRYABLE.has(code)) ||
    (writeConcernCode !== undefined && RETRYABLE.has(writeConcernCode))
  if ((request.retryableWrite || request.ending) && retryable) {
    // A command fails as a whole only before it has written.
    const unwritten = code !== undefined && request.retryableWrite
    return unwritten ? ['RetryableWriteError', 'NoWritesPerformed'] : ['RetryableWriteError']
  }
  if (code === undefined) return []
  if (request.ofChangeStream && RESUMABLE.has(code)) return ['ResumableChangeStreamError']
  return NOT_RESUMABLE.has(code) ? ['NonResumableChangeStreamError'] : []
}

function isTransient(request: LabelRequest, code: number): boolean {
  if (!request.inTransaction) return false
  if (TRANSIENT.has(code)) return true
  if (request.ending)
    return code === ERROR_CODE.NoSuchTransaction && request.writeConcernCode === undefined
  return RETRYABLE.has(code) || code === ERROR_CODE.NoSuchTransaction
}
