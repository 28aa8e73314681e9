import { ServerError } from '../errors/server-error.ts'
import type { Transaction } from './transaction.ts'

/** A write outside of transactions met a document an open transaction has written: wait, then go on. */
export class BlockedByTransaction extends Error {
  constructor(readonly transaction: Transaction) {
    super('The document is locked by an open transaction; retry when it has ended.')
  }
  override get name(): string {
    return 'BlockedByTransaction'
  }
}

/** The conflict that aborts a transaction. */
export function writeConflict(ns: string): ServerError {
  return new ServerError(
    'WriteConflict',
    `Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.${ns === '' ? '' : ` Namespace: ${ns}`}`,
  )
}
