import type { BsonDocument, BsonValue } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import { DirectWriter } from '../store/direct-writer.ts'
import type { DocumentWriter } from '../store/document-writer.ts'
import { TransactionWriter } from '../transaction/transaction-writer.ts'
import { RetryFaults } from './retry-faults.ts'
import { CutConnection } from '../server/cut-connection.ts'
import { BlockedByTransaction, writeConflict } from '../transaction/write-conflicts.ts'

/** What one statement did. */
export interface Written {
  readonly n: number
  readonly nModified: number
  readonly upserted?: BsonValue
  /** The whole answer, for commands that answer a document. */
  readonly reply?: BsonDocument
}

/** One statement of a write command. */
export interface Statement {
  readonly stmtId: number
  readonly run: (writer: DocumentWriter) => Written
}

/** What became of the statements; one entry for each that ran. */
export type StatementOutcome = Written | ServerError

/**
 * Runs the statements of a write command and stores what they did.
 *
 * Statements of a retryable write that ran before are not run again. Outside of transactions, a
 * statement that meets a document of an open transaction waits until that has ended.
 *
 * @param ordered Stop at the first failure.
 * @returns Outcomes in order, once they are on disk (or, in a transaction, in its memory).
 */
export async function runStatements(
  context: CommandContext,
  statements: readonly Statement[],
  ordered: boolean,
): Promise<StatementOutcome[]> {
  const { server, transaction } = context
  if (transaction) return runInTransaction(context, statements)
  const outcomes: StatementOutcome[] = []
  const cut = { requested: false }
  while (outcomes.length < statements.length) {
    const blocked = await server.engine.storage.write(() =>
      runDirect(context, statements, ordered, outcomes, cut),
    )
    if (!blocked) break
    await waitFor(context, blocked)
  }
  if (cut.requested) throw new CutConnection()
  return outcomes
}

function runInTransaction(
  context: CommandContext,
  statements: readonly Statement[],
): StatementOutcome[] {
  const { server, transaction } = context
  if (!transaction) return []
  const writer = new TransactionWriter(server.engine, transaction)
  const outcomes: StatementOutcome[] = []
  for (const statement of statements) {
    try {
      outcomes.push(statement.run(writer))
    } catch (cause) {
      // A failure ends the transaction; a conflict fails the whole command.
      if (!(cause instanceof ServerError) || cause.codeName === 'WriteConflict') throw cause
      server.transactions.abort(transaction)
      outcomes.push(cause)
      return outcomes
    }
  }
  return outcomes
}

function runDirect(
  context: CommandContext,
  statements: readonly Statement[],
  ordered: boolean,
  outcomes: StatementOutcome[],
  cut: { requested: boolean },
): BlockedByTransaction | undefined {
  const { server, session, retryNumber } = context
  const writer = new DirectWriter(server.engine)
  const retryable = retryNumber !== undefined ? session : undefined
  let blocked: BlockedByTransaction | undefined
  let executed = false
  const faults = new RetryFaults(context)
  for (const statement of statements.slice(outcomes.length)) {
    const earlier = retryable?.statements.get(statement.stmtId)
    const outcome = earlier ?? faults.next() ?? attempt(statement, writer)
    if (outcome instanceof BlockedByTransaction) {
      blocked = outcome
      break
    }
    outcomes.push(outcome)
    if (outcome instanceof ServerError) {
      if (ordered) break
    } else if (retryable && !earlier) {
      retryable.statements.set(statement.stmtId, { stmtId: statement.stmtId, ...outcome })
      executed = true
    }
  }
  if (retryable && executed) server.sessions.save(retryable)
  writer.publish()
  cut.requested ||= faults.cutsConnection
  return blocked
}

function attempt(
  statement: Statement,
  writer: DirectWriter,
): Written | ServerError | BlockedByTransaction {
  const before = writer.writes
  try {
    return statement.run(writer)
  } catch (cause) {
    // What has changed a part already must not run again from the start.
    if (cause instanceof BlockedByTransaction && writer.writes > before) {
      return writeConflict('')
    }
    if (cause instanceof ServerError || cause instanceof BlockedByTransaction) return cause
    throw cause
  }
}

/**
 * Waits for the transaction that blocks a write.
 *
 * @throws {ServerError} The command's time is up first.
 */
export async function waitFor(
  context: CommandContext,
  blocked: BlockedByTransaction,
): Promise<void> {
  const limit = Number(context.body['maxTimeMS'] ?? 0)
  if (limit === 0) return blocked.transaction.ended
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), limit)
  })
  const first = await Promise.race([blocked.transaction.ended, timeout])
  clearTimeout(timer)
  if (first === 'timeout')
    throw new ServerError('MaxTimeMSExpired', 'operation exceeded time limit')
}
