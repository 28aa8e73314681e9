import { plainText } from '../bson/print-value.ts'
import { Binary } from 'bson'
import type { BsonDocument, BsonValue } from '../bson/value.ts'
import type { Transaction } from '../transaction/transaction.ts'

/** What the first run of a retryable statement answered. */
export interface StatementResult {
  readonly stmtId: number
  readonly n: number
  readonly nModified: number
  readonly upserted?: BsonValue
  /** Kept whole for commands that answer a document. */
  readonly reply?: BsonDocument
}

/** A logical session: its newest transaction number and what was done under it. */
export class Session {
  txnNumber = -1n
  /** Results of retryable writes under the number. */
  statements = new Map<number, StatementResult>()
  /** The transaction under the number, if it is one. */
  transaction: Transaction | undefined
  /** How the transaction under the number ended, also after a restart. */
  ended: 'committed' | 'aborted' | undefined
  /** Moment of snapshot reads outside of transactions. */
  lastUsed = Date.now()

  constructor(
    readonly key: string,
    readonly lsid: BsonDocument,
  ) {}

  /** Begins a new number; results of older ones are forgotten. */
  advance(txnNumber: bigint): void {
    this.txnNumber = txnNumber
    this.statements = new Map()
    this.transaction = undefined
    this.ended = undefined
  }
}

/** The text a session is known by. */
export function sessionKey(lsid: BsonDocument): string {
  const id = lsid['id']
  return id instanceof Binary ? Buffer.from(id.buffer).toString('hex') : plainText(id)
}
