import type { BsonDocument } from '../bson/value.ts'
import { printValue } from '../bson/print-value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Session } from '../session/session.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Engine } from '../store/engine.ts'
import { commitTransaction } from './commit-transaction.ts'
import { Transaction } from './transaction.ts'

/** Starts, finds and ends the transactions of sessions. */
export class Transactions {
  /** Transactions that are open longer are aborted. */
  lifetimeSeconds = 60
  readonly #open = new Set<Transaction>()

  constructor(
    private readonly engine: Engine,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Begins the transaction a command starts.
   *
   * @throws {ServerError} The number was used before.
   */
  start(session: Session, txnNumber: bigint): Transaction {
    assertNotOlder(session, txnNumber)
    if (
      txnNumber === session.txnNumber &&
      (session.transaction || session.ended || session.statements.size > 0)
    ) {
      throw new ServerError(
        50911,
        `Cannot start a transaction at given transaction number ${txnNumber} a transaction with the same number is in state ${session.transaction?.state ?? session.ended ?? 'none'}`,
      )
    }
    if (session.transaction) this.abort(session.transaction)
    session.advance(txnNumber)
    const snapshot = this.engine.versions.hold(this.engine.clock.last)
    const transaction = new Transaction(session.lsid, txnNumber, snapshot)
    session.transaction = transaction
    this.#open.add(transaction)
    return transaction
  }

  /**
   * The open transaction a command continues.
   *
   * @throws {ServerError} There is none under the number, or it has ended.
   */
  find(session: Session, txnNumber: bigint): Transaction {
    assertNotOlder(session, txnNumber)
    const { transaction } = session
    if (session.txnNumber !== txnNumber || (!transaction && !session.ended)) {
      throw new ServerError(
        'NoSuchTransaction',
        `Given transaction number ${txnNumber} does not match any in-progress transactions. The active transaction number is ${session.txnNumber}`,
      )
    }
    if (session.ended === 'committed') {
      throw new ServerError(
        'TransactionCommitted',
        `Transaction with { txnNumber: ${txnNumber} } has been committed.`,
      )
    }
    if (!transaction || transaction.state === 'aborted') {
      throw new ServerError(
        'NoSuchTransaction',
        `Transaction with { txnNumber: ${txnNumber} } has been aborted.`,
      )
    }
    return transaction
  }

  /** Commits; a transaction that has committed already stays so. */
  async commit(session: Session, txnNumber: bigint): Promise<void> {
    if (session.txnNumber === txnNumber && session.ended === 'committed') return
    const transaction = this.find(session, txnNumber)
    if (transaction.state !== 'in-progress') {
      await transaction.ended
      return
    }
    try {
      await commitTransaction(this.engine, transaction, () => {
        session.ended = 'committed'
        this.sessions.save(session)
      })
    } catch (cause) {
      session.ended = undefined
      transaction.state = 'in-progress'
      this.abort(transaction)
      throw cause
    }
    session.transaction = undefined
    this.#open.delete(transaction)
  }

  /** Throws a transaction's writes away. */
  abort(transaction: Transaction): void {
    if (transaction.state !== 'in-progress') return
    this.#open.delete(transaction)
    this.engine.locks.release(transaction.documentKeys(), transaction.uniqueKeys.keys())
    this.engine.versions.release(transaction.snapshot)
    transaction.finish('aborted')
  }

  /** Aborts what is open too long. */
  expire(now: number): void {
    for (const transaction of this.#open) {
      if (now - transaction.startedAt > this.lifetimeSeconds * 1000) this.abort(transaction)
    }
  }

  abortAll(): void {
    for (const transaction of this.#open) this.abort(transaction)
  }

  /** Resolves when no open transaction uses a namespace any more. */
  async untilUnused(ns: string): Promise<void> {
    for (;;) {
      const user = [...this.#open].find((transaction) => transaction.touched.has(ns))
      if (!user) return
      await user.ended
    }
  }
}

function assertNotOlder(session: Session, txnNumber: bigint): void {
  if (txnNumber >= session.txnNumber) return
  const lsid: BsonDocument = session.lsid
  throw new ServerError(
    'TransactionTooOld',
    `Cannot start transaction with { txnNumber: ${txnNumber} } on session ${printValue(lsid)} because a newer transaction with txnNumber ${session.txnNumber} has already started on this session.`,
  )
}
