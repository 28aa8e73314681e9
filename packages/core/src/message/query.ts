declare const resultOf: unique symbol

/**
 * Base of every query. `Result` is what its handler returns, checked by the compiler.
 *
 * A query is a plain value: what to look for, and nothing about where.
 */
export abstract class Query<Result> {
  /** Exists for the compiler only. */
  declare readonly [resultOf]: Result
}

/** What a query's handler returns. */
export type ResultOf<Q> = Q extends Query<infer Result> ? Result : never
