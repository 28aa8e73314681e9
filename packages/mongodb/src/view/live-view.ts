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
} from 'mongodb'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { splitPassing } from './pass-through-stages.ts'
import { withoutMeta } from './projection.ts'
import type { ReadModelView } from './read-model-view.ts'
import { type CursorShape, shapeCursor } from './shape-cursor.ts'

const shape: CursorShape = {
  projection: withoutMeta,
  filter: (filter) => filter,
  sort: (sort, direction) =>
    typeof sort === 'string' && direction !== undefined ? [[sort, direction]] : sort,
}

/** The documents of a model as they are now. */
export class LiveReadModelView<D extends ReadModelDocument> implements ReadModelView<D> {
  readonly #connection: MongoConnection
  readonly collection: Collection<D>

  constructor(connection: MongoConnection, collection: string) {
    this.#connection = connection
    this.collection = connection.database.collection<D>(collection)
  }

  findOne(filter: Filter<D> = {}, options: FindOptions & Abortable = {}): Promise<D | null> {
    const shown = { ...options, projection: withoutMeta(options.projection) }
    return this.#run('findOne', () => this.collection.findOne<D>(filter, shown))
  }

  find(filter: Filter<D> = {}, options: FindOptions & Abortable = {}): FindCursor<D> {
    const shown = { ...options, projection: withoutMeta(options.projection) }
    return shapeCursor(this.collection.find(filter, shown), shape)
  }

  aggregate<T extends Document = Document>(
    pipeline: Document[] = [],
    options: AggregateOptions & Abortable = {},
  ): AggregationCursor<T> {
    const [passing, rest] = splitPassing(pipeline)
    return this.collection.aggregate<T>([...passing, { $project: { _meta: 0 } }, ...rest], options)
  }

  countDocuments(
    filter: Filter<D> = {},
    options: CountDocumentsOptions & Abortable = {},
  ): Promise<number> {
    return this.#run('countDocuments', () => this.collection.countDocuments(filter, options))
  }

  distinct<Value>(
    key: string,
    filter: Filter<D> = {},
    options: DistinctOptions = {},
  ): Promise<Value[]> {
    return this.#run(
      'distinct',
      async () => (await this.collection.distinct(key, filter, options)) as Value[],
    )
  }

  #run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.#connection.run(`${operation} on "${this.collection.collectionName}"`, work)
  }
}
