import type { Constructor, Query, ResultOf } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'
import type { ReadModelClass } from '../read-model/read-model.ts'

/** A class that answers one kind of query. It gets the query, then one view for each of `reads`. */
export interface QueryHandlerMethods<Asked extends Query<unknown>, Reads> {
  readonly execute: (
    query: Asked,
    ...views: ViewsOf<Reads>
  ) => ResultOf<Asked> | Promise<ResultOf<Asked>>
}

/** One view for each read model. Their type is the read-model store's, so any is accepted here. */
export type ViewsOf<Reads> = Reads extends readonly unknown[]
  ? { readonly [Index in keyof Reads]: never }
  : readonly [never]

/** What `@QueryHandler` says of a class. */
export interface QueryHandlerRecord {
  readonly query: Constructor<Query<unknown>>
  readonly reads: readonly ReadModelClass[]
}

/** Records of {@link QueryHandler}. */
export const queryHandlerKey = metadataKey<QueryHandlerRecord>('query-handler')

/**
 * Makes a class the handler of a query.
 *
 * @param options.reads The read model, or a tuple of them, whose views `execute` gets after the query.
 */
export function QueryHandler<
  Asked extends Query<unknown>,
  const Reads extends ReadModelClass | readonly ReadModelClass[],
>(query: Constructor<Asked>, options: { readonly reads: Reads }) {
  const reads: readonly ReadModelClass[] = [options.reads].flat()
  return (target: Constructor<QueryHandlerMethods<Asked, Reads>>): void =>
    record(queryHandlerKey, target, { query, reads })
}
