import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'
import type { Constructor } from './constructor.ts'
import type { HandlerScope } from './handler-resolver.ts'
import type { Query, ResultOf } from './query.ts'

/** What a caller says of a query that its handler's definition needs. */
export interface QueryContext {
  /** Who asks. Needed where the application keeps tenants apart, and of no effect elsewhere. */
  readonly tenant?: string
}

/** What answers one kind of query. */
export interface QueryHandlerDefinition {
  readonly kind: 'query-handler'
  readonly query: Constructor<Query<unknown>>
  /** Read models whose views the handler gets, in this order, after the query. */
  readonly reads: readonly ReadModelDefinition[]
  execute(
    query: Query<unknown>,
    views: readonly unknown[],
    scope: HandlerScope,
    context?: QueryContext,
  ): unknown
}

/**
 * Defines a query handler without a decorator.
 *
 * @param execute Gets the query, then one view for each of `reads`.
 */
export function defineQueryHandler<Q extends Query<unknown>, Views extends readonly unknown[]>(
  query: Constructor<Q>,
  options: {
    readonly reads: readonly ReadModelDefinition[]
    readonly execute: (query: Q, ...views: Views) => ResultOf<Q> | Promise<ResultOf<Q>>
  },
): QueryHandlerDefinition {
  return {
    kind: 'query-handler',
    query,
    reads: options.reads,
    execute: (message, views) => options.execute(message as Q, ...(views as unknown as Views)),
  }
}
