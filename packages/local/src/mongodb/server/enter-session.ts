import type { BsonDocument } from '../bson/value.ts'
import type { Command } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Session } from '../session/session.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { MongoServer } from './mongo-server.ts'

/** What a command belongs to. */
export interface Membership {
  readonly transaction: Transaction | undefined
  /** The number of a retryable write. */
  readonly retryNumber: bigint | undefined
}

const ALONE: Membership = { transaction: undefined, retryNumber: undefined }

/**
 * Takes a command into its transaction or retryable write.
 *
 * @throws {ServerError} The numbers do not fit the session, or the command is not allowed there.
 */
export function enterSession(
  server: MongoServer,
  body: BsonDocument,
  session: Session | undefined,
  command: Command,
  name: string,
): Membership {
  const number = body['txnNumber']
  assertOptions(body)
  if (number === undefined) return ALONE
  if (!server.isReplicaSet) {
    throw new ServerError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    )
  }
  if (!session)
    throw new ServerError(
      'InvalidOptions',
      'Transaction number requires a session ID to also be specified',
    )
  const txnNumber = typeof number === 'bigint' ? number : BigInt(Number(number))
  if (body['autocommit'] === undefined) {
    enterRetryable(server, session, command, name, txnNumber)
    return { transaction: undefined, retryNumber: txnNumber }
  }
  if (command.endsTransaction) return ALONE
  return {
    transaction: enterTransaction(server, body, session, command, name, txnNumber),
    retryNumber: undefined,
  }
}

function assertOptions(body: BsonDocument): void {
  const { autocommit, startTransaction, txnNumber } = body
  if (autocommit !== undefined && txnNumber === undefined) {
    throw new ServerError(
      'InvalidOptions',
      "'autocommit' field requires a transaction number to also be specified",
    )
  }
  if (autocommit === true)
    throw new ServerError('InvalidOptions', 'Specifying autocommit=true is not allowed.')
  if (startTransaction !== undefined && autocommit === undefined) {
    throw new ServerError(
      'InvalidOptions',
      "'startTransaction' field requires 'autocommit' field to also be specified",
    )
  }
  if (startTransaction === false)
    throw new ServerError('InvalidOptions', 'Specifying startTransaction=false is not allowed.')
}

function enterRetryable(
  server: MongoServer,
  session: Session,
  command: Command,
  name: string,
  txnNumber: bigint,
): void {
  if (!command.writes) {
    throw new ServerError(
      50768,
      `txnNumber may only be provided for multi-document transactions and retryable write commands. autocommit:false was not provided, and ${name} is not a retryable write command.`,
    )
  }
  if (txnNumber < session.txnNumber) server.transactions.find(session, txnNumber)
  if (txnNumber > session.txnNumber) {
    if (session.transaction) server.transactions.abort(session.transaction)
    session.advance(txnNumber)
  } else if (session.transaction || session.ended) {
    throw new ServerError(
      'IncompleteTransactionHistory',
      `Cannot retry a retryable write under number ${txnNumber}, which is a transaction`,
    )
  }
}

function enterTransaction(
  server: MongoServer,
  body: BsonDocument,
  session: Session,
  command: Command,
  name: string,
  txnNumber: bigint,
): Transaction {
  const starting = body['startTransaction'] === true
  if (!command.inTransaction) {
    if (!starting && session.txnNumber === txnNumber && session.transaction)
      server.transactions.abort(session.transaction)
    throw new ServerError(
      'OperationNotSupportedInTransaction',
      `Cannot run '${name}' in a multi-document transaction.`,
    )
  }
  return starting
    ? server.transactions.start(session, txnNumber)
    : server.transactions.find(session, txnNumber)
}
