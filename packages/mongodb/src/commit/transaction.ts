import { ReadModelStoreUnavailableError } from '@varve/core'
import { type ClientSession, MongoError, type TransactionOptions, WriteConcern } from 'mongodb'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isUnavailable } from '../mongodb-errors.ts'
import type { RetryBudget } from './retry-budget.ts'

const options: TransactionOptions = {
  readConcern: { level: 'local' },
  writeConcern: new WriteConcern('majority', 10_000),
  readPreference: 'primary',
}

/** How a transaction ended. */
export interface TransactionOutcome {
  readonly isCommitted: boolean
  /** Not committed this time, but the outcome of an earlier try was never learnt. */
  readonly mayBeDone: boolean
}

/**
 * Runs a body in a transaction and commits it, within a budget of the caller's instead of the driver's 120 s.
 *
 * The body runs again when the server aborted the transaction for reasons that pass; a commit of unknown outcome
 * is only ever sent again. So the body must do nothing but send operations in the session, one after the other.
 *
 * @param body Returns whether to commit.
 * @throws {ReadModelStoreUnavailableError} The budget ended before the outcome was known.
 */
export async function runTransaction(
  connection: MongoConnection,
  budget: RetryBudget,
  body: (session: ClientSession) => Promise<boolean>,
): Promise<TransactionOutcome> {
  const session = connection.client.startSession()
  let mayBeDone = false
  try {
    for (;;) {
      try {
        session.startTransaction(options)
        if (!(await body(session))) {
          await session.abortTransaction()
          return { isCommitted: false, mayBeDone }
        }
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction()
        if (isUnavailable(error) && (await budget.pause())) continue
        throw error
      }
      if (await sendCommit(session, budget, connection.address)) {
        return { isCommitted: true, mayBeDone: false }
      }
      mayBeDone = true
    }
  } finally {
    await session.endSession()
  }
}

/** Sends a commit until its outcome is known. False: the server says that it aborted the transaction. */
async function sendCommit(
  session: ClientSession,
  budget: RetryBudget,
  address: string,
): Promise<boolean> {
  for (;;) {
    try {
      await session.commitTransaction()
      return true
    } catch (cause) {
      const isUnknown = hasLabel(cause, 'UnknownTransactionCommitResult')
      if (!isUnknown && !isUnavailable(cause)) throw cause
      if (!(await budget.pause())) {
        throw new ReadModelStoreUnavailableError(address, 'commit, outcome unknown', { cause })
      }
      if (!isUnknown && hasLabel(cause, 'TransientTransactionError')) return false
    }
  }
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label)
}
