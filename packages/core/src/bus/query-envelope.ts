import type { Query } from '../message/query.ts'
import type { QueryOptions } from './query-bus.ts'

/** A query on its way to its handler. */
export interface QueryEnvelope {
  readonly query: Query<unknown>
  readonly options: QueryOptions
}

/** Carries a query on. Its options may have been changed on the way, the query itself is the one that was asked. */
export type QueryStep = (envelope: QueryEnvelope) => Promise<unknown>

/**
 * Wraps what happens to every query, and to each run of a live one: call `next`, answer without it, or throw. The
 * options of a live query are not in its envelope.
 */
export type QueryMiddleware = (envelope: QueryEnvelope, next: QueryStep) => Promise<unknown>
