import type { ReadModelDocument, ViewPoint } from '@varve/core'
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
import { pastFilter, pastPath, validAt } from './past-filter.ts'
import { pastPipeline } from './past-pipeline.ts'
import { pastProjection } from './past-projection.ts'
import { pastSort } from './past-sort.ts'
import { PastViewUnsupportedError } from './past-view-errors.ts'
import type { ReadModelView } from './read-model-view.ts'
import { type CursorShape, shapeCursor } from './shape-cursor.ts'

/** Where the past of a model is. */
export interface PastSource {
  readonly model: string
  /** Name of the history. */
  readonly history: string
  readonly at: ViewPoint
}

/** The documents of a model as they were at one point, out of its history. */
export class PastReadModelView<D extends ReadModelDocument> implements ReadModelView<D> {
  readonly collection = undefined
  readonly #connection: MongoConnection
  readonly #versions: Collection
  readonly #model: string
  readonly #valid: Document
  readonly #shape: CursorShape

  constructor(connection: MongoConnection, { model, history, at }: PastSource) {
    this.#connection = connection
    this.#versions = connection.database.collection(history)
    this.#model = model
    this.#valid = validAt(at)
    this.#shape = {
      projection: pastProjection,
      filter: (filter) => this.#filter(filter),
      sort: pastSort,
      document: (version) => (version['doc'] ?? {}) as Document,
      methods: (cursor) => ({
        hint: () => cursor,
        min: () => this.#refuse('min'),
        max: () => this.#refuse('max'),
        addQueryModifier: () => this.#refuse('addQueryModifier'),
      }),
    }
  }

  async findOne(filter: Filter<D> = {}, options: FindOptions & Abortable = {}): Promise<D | null> {
    const rewritten = this.#filter(filter)
    const version = await this.#run('findOne', () =>
      this.#versions.findOne(rewritten, this.#options(options)),
    )
    return version && ((version['doc'] ?? {}) as D)
  }

  find(filter: Filter<D> = {}, options: FindOptions & Abortable = {}): FindCursor<D> {
    return shapeCursor(
      this.#versions.find(this.#filter(filter), this.#options(options)),
      this.#shape,
    )
  }

  aggregate<T extends Document = Document>(
    pipeline: Document[] = [],
    options: AggregateOptions & Abortable = {},
  ): AggregationCursor<T> {
    return this.#versions.aggregate<T>(
      pastPipeline(this.#model, this.#valid, pipeline),
      withoutHint(options),
    )
  }

  async countDocuments(
    filter: Filter<D> = {},
    options: CountDocumentsOptions & Abortable = {},
  ): Promise<number> {
    const rewritten = this.#filter(filter)
    return this.#run('countDocuments', () =>
      this.#versions.countDocuments(rewritten, withoutHint(options)),
    )
  }

  async distinct<Value>(
    key: string,
    filter: Filter<D> = {},
    options: DistinctOptions = {},
  ): Promise<Value[]> {
    const rewritten = this.#filter(filter)
    return this.#run('distinct', async () => {
      const values = await this.#versions.distinct(pastPath(key), rewritten, withoutHint(options))
      return values as Value[]
    })
  }

  #filter(filter: Document): Document {
    return { ...pastFilter(this.#model, filter), ...this.#valid }
  }

  #options({ projection, sort, min, max, ...options }: FindOptions & Abortable): FindOptions {
    if (min ?? max) this.#refuse(min ? 'min' : 'max')
    return {
      ...withoutHint(options),
      projection: pastProjection(projection),
      ...(sort !== undefined && { sort: pastSort(sort) }),
    }
  }

  #refuse(option: string): never {
    throw new PastViewUnsupportedError(this.#model, `the option ${option}`)
  }

  #run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.#connection.run(`${operation} in the past of "${this.#model}"`, work)
  }
}

/** The history has indexes of other names; those it has are found without a hint. */
function withoutHint<Options extends { hint?: unknown }>(options: Options): Omit<Options, 'hint'> {
  const { hint: _, ...rest } = options
  return rest
}
