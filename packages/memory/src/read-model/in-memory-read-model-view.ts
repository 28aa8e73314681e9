import type { ReadModelDocument, ViewPoint } from '@varve/core'
import { Aggregator, ProcessingMode, Query } from 'mingo'
import { copyDocument } from './copy-document.ts'
import { distinctValues } from './distinct-values.ts'
import type { CountOptions, Filter, FindOptions } from './find-options.ts'
import type { InMemoryCollection } from './in-memory-collection.ts'
import { InMemoryCursor } from './in-memory-cursor.ts'
import { type FindPlan, InMemoryFindCursor, planOf } from './in-memory-find-cursor.ts'
import { InvalidQueryError } from './in-memory-read-model-errors.ts'
import { type ReadModelRow, withExactNumbers, withNumbers } from './read-model-row.ts'

/** Where a view reads. */
export interface ViewSource {
  readonly model: string
  /** The collection as it is now; undefined where there is none. */
  collection(): InMemoryCollection | undefined
  /** The documents of another collection, for `$lookup` and `$unionWith`. */
  resolve(name: string): readonly ReadModelDocument[]
  readonly at?: ViewPoint
}

/**
 * Answers the reading calls of a MongoDB collection, now or at one point in the past.
 *
 * Filters and pipelines run through mingo. A filter that names `_id` looks its documents up; any other
 * goes through all of them. Results are the caller's own; bigints in them are numbers where those are exact,
 * as the driver returns them.
 */
export class InMemoryReadModelView<Document extends ReadModelDocument = ReadModelDocument> {
  /** There is no collection of the driver's here. */
  readonly collection = undefined
  readonly #source: ViewSource

  constructor(source: ViewSource) {
    this.#source = source
  }

  async findOne(filter: Filter = {}, options: FindOptions = {}): Promise<Document | null> {
    return this.#find({ ...planOf(filter, options), limit: 1 })[0] ?? null
  }

  find(filter: Filter = {}, options: FindOptions = {}): InMemoryFindCursor<Document> {
    return new InMemoryFindCursor((plan) => this.#find(plan), planOf(filter, options))
  }

  aggregate<Result extends object = Document>(
    pipeline: readonly Filter[] = [],
  ): InMemoryCursor<Result> {
    return new InMemoryCursor(() => this.#aggregate(pipeline) as readonly Result[])
  }

  async countDocuments(filter: Filter = {}, options: CountOptions = {}): Promise<number> {
    const skipped = Math.max(0, this.#matching(filter).length - (options.skip ?? 0))
    return options.limit ? Math.min(skipped, options.limit) : skipped
  }

  /** Returns the values at a dotted path, each once, in no order. */
  async distinct(key: string, filter: Filter = {}): Promise<unknown[]> {
    const documents = this.#matching(filter).map(promoted)
    return copyDocument(distinctValues(documents, key))
  }

  #find({ filter, sort, skip, limit, projection, useBigInt64 }: FindPlan): Document[] {
    const most = limit === 0 ? Infinity : Math.abs(limit)
    const wanted = sort.length === 0 ? skip + most : Infinity
    const sorted = this.#sort(this.#matching(filter, wanted), sort)
    const documents = sorted
      .slice(skip, skip + most)
      .map((row) => (useBigInt64 ? row.document : promoted(row)))
    return copyDocument(this.#project(documents, projection)) as Document[]
  }

  #sort(rows: readonly ReadModelRow[], sort: FindPlan['sort']): readonly ReadModelRow[] {
    if (sort.length === 0) return rows
    const keys = sort.map(([key, direction]): [string, 1 | -1] => [`comparable.${key}`, direction])
    return this.#run(() =>
      new Query({})
        .find<ReadModelRow>([...rows])
        .sort(Object.fromEntries(keys))
        .all(),
    )
  }

  #project(
    documents: readonly ReadModelDocument[],
    projection: FindPlan['projection'],
  ): readonly unknown[] {
    if (!projection || Object.keys(projection).length === 0) return documents
    return this.#run(() => new Query({}).find<object>([...documents], { ...projection }).all())
  }

  #aggregate(pipeline: readonly Filter[]): readonly unknown[] {
    const [first, ...rest] = pipeline
    const filter = first?.['$match'] as Filter | undefined
    const documents = this.#matching(filter ?? {}).map(({ comparable }) => comparable)
    const stages = withNumbers(filter ? rest : [...pipeline])
    return this.#run(() =>
      new Aggregator(stages, {
        // mingo's stages write into nested objects of what they are given.
        processingMode: ProcessingMode.CLONE_ALL,
        collectionResolver: (name) => [...this.#source.resolve(name)] as never,
      }).run([...documents]),
    )
  }

  #matching(filter: Filter, wanted = Infinity): readonly ReadModelRow[] {
    const ids = idsOf(filter)
    const candidates = ids ? this.#byId(ids) : this.#source.collection()?.rows(this.#source.at)
    const isDecided = Object.keys(filter).length === (ids ? 1 : 0)
    const matches = isDecided ? () => true : this.#predicate(filter)
    const found: ReadModelRow[] = []
    for (const row of candidates ?? []) {
      if (found.length >= wanted) break
      if (matches(row)) found.push(row)
    }
    return found
  }

  #predicate(filter: Filter): (row: ReadModelRow) => boolean {
    const query = this.#run(() => new Query(withNumbers(filter)))
    return ({ comparable }) => this.#run(() => query.test(comparable as never))
  }

  #byId(ids: readonly string[]): readonly ReadModelRow[] {
    const collection = this.#source.collection()
    return ids.flatMap((id) => collection?.row(id, this.#source.at) ?? [])
  }

  #run<T>(query: () => T): T {
    try {
      return query()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new InvalidQueryError(this.#source.model, reason, { cause })
    }
  }
}

/** The document as the driver returns it by default. */
function promoted({ document, comparable }: ReadModelRow): ReadModelDocument {
  return document === comparable ? document : withExactNumbers(document)
}

/** The ids a filter names, where nothing else could match. */
function idsOf({ _id: condition }: Filter): readonly string[] | undefined {
  if (typeof condition === 'string') return [condition]
  if (typeof condition !== 'object' || condition === null) return undefined
  const [[operator, value] = [], ...others] = Object.entries(condition)
  if (others.length > 0) return undefined
  if (operator === '$eq' && typeof value === 'string') return [value]
  if (operator !== '$in' || !Array.isArray(value)) return undefined
  return value.every((id): id is string => typeof id === 'string') ? [...new Set(value)] : undefined
}
