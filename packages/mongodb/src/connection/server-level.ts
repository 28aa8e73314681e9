import type { ConsistencyLevel } from '@varve/core'
import type { Document } from 'mongodb'
import { ExactlyOnceUnavailableError } from './exactly-once-unavailable-error.ts'

/** Tells from a server's `hello` what it can promise: transactions need a replica set or mongos. */
export function levelOf(hello: Document): ConsistencyLevel {
  const hasTransactions = typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid'
  return hasTransactions ? 'exactly-once' : 'idempotent'
}

/**
 * Settles the level between what the server can do and what was asked for.
 *
 * @param required `idempotent` goes without transactions even where the server has them.
 * @throws {ExactlyOnceUnavailableError} `exactly-once` is required of a standalone server.
 */
export function settleLevel(
  possible: ConsistencyLevel,
  required: ConsistencyLevel | undefined,
  address: string,
): ConsistencyLevel {
  if (required === 'exactly-once' && possible !== 'exactly-once') {
    throw new ExactlyOnceUnavailableError(address)
  }
  return required ?? possible
}
