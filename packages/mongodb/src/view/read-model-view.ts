import type { ReadModelDocument } from '@varve/core'
import type {
  Abortable,
  AggregateOptions,
  AggregationCursor,
  Collection,
  CountDocumentsOptions,
  DistinctOptions,
  Document,
  Filter,
  FindCursor,
  FindOptions,
  Flatten,
} from 'mongodb'

/**
 * What a query handler reads a model through: the documents as they are now, or as they were at a point in the
 * past. Calls and types are the driver's own; what Varve keeps in `_meta` is never in a result.
 *
 * Numbers come as the driver makes them: a field that was written as a bigint comes back as a number where that
 * is exact and as a `Long` where it is not, or as a bigint with the option `useBigInt64: true`.
 *
 * In the past, a filter on a field reads the history's index of the same name; `$where`, `$text` and the options
 * `min` and `max` are refused, and `hint` is ignored.
 *
 * `findOne`, `countDocuments` and `distinct` fail with Varve's errors, cursors with those of the driver.
 */
export interface ReadModelView<D extends ReadModelDocument> {
  /**
   * The live collection, for what the view does not offer; undefined in the past. Its documents have `_meta`.
   * Never write to it: the projection would not know.
   */
  readonly collection: Collection<D> | undefined

  /** Returns the first match; null where there is none. */
  findOne(filter?: Filter<D>, options?: FindOptions & Abortable): Promise<D | null>

  find(filter?: Filter<D>, options?: FindOptions & Abortable): FindCursor<D>

  /**
   * Runs a pipeline on the documents. A stage that reads other collections (`$lookup`, `$unionWith`) sees them as
   * they are stored, now, under their physical names.
   */
  aggregate<T extends Document = Document>(
    pipeline?: Document[],
    options?: AggregateOptions & Abortable,
  ): AggregationCursor<T>

  countDocuments(filter?: Filter<D>, options?: CountDocumentsOptions & Abortable): Promise<number>

  /** Returns the values of a field, each once, in no order. */
  distinct<Key extends keyof D & string>(
    key: Key,
    filter?: Filter<D>,
    options?: DistinctOptions,
  ): Promise<Flatten<D[Key]>[]>
  distinct(key: string, filter?: Filter<D>, options?: DistinctOptions): Promise<unknown[]>
}
