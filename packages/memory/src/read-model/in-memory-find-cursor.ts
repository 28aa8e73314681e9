import {
  type Filter,
  type FindOptions,
  type Sort,
  type SortDirection,
  sortPairs,
} from './find-options.ts'
import { InMemoryCursor } from './in-memory-cursor.ts'

/** A `find` as it stands when its first result is asked for. */
export interface FindPlan {
  readonly filter: Filter
  readonly sort: readonly [string, 1 | -1][]
  readonly skip: number
  readonly limit: number
  readonly projection: Readonly<Record<string, unknown>> | undefined
  readonly useBigInt64: boolean
}

/** Brings the options of a `find` into a plan. */
export function planOf(filter: Filter, options: FindOptions): FindPlan {
  return {
    filter,
    sort: options.sort === undefined ? [] : sortPairs(options.sort),
    skip: options.skip ?? 0,
    limit: options.limit ?? 0,
    projection: options.projection,
    useBigInt64: options.useBigInt64 ?? false,
  }
}

/** A cursor over documents that can still be told how to order, cut and shape them. */
export class InMemoryFindCursor<T> extends InMemoryCursor<T> {
  readonly #execute: (plan: FindPlan) => readonly T[]
  #plan: FindPlan

  constructor(execute: (plan: FindPlan) => readonly T[], plan: FindPlan) {
    super(() => this.#execute(this.#plan))
    this.#execute = execute
    this.#plan = plan
  }

  filter(filter: Filter): this {
    return this.#change({ filter })
  }

  sort(sort: Sort, direction?: SortDirection): this {
    return this.#change({ sort: sortPairs(sort, direction) })
  }

  skip(skip: number): this {
    return this.#change({ skip })
  }

  limit(limit: number): this {
    return this.#change({ limit })
  }

  project<P = T>(projection: Readonly<Record<string, unknown>>): InMemoryFindCursor<P> {
    this.#change({ projection })
    return this as unknown as InMemoryFindCursor<P>
  }

  /** Returns a cursor over what a function makes of each document. */
  map<R>(transform: (document: T) => R): InMemoryFindCursor<R> {
    return new InMemoryFindCursor((plan) => this.#execute(plan).map(transform), this.#plan)
  }

  /** Returns a cursor over the same query, not started. */
  clone(): InMemoryFindCursor<T> {
    return new InMemoryFindCursor(this.#execute, this.#plan)
  }

  #change(part: Partial<FindPlan>): this {
    this.#plan = { ...this.#plan, ...part }
    return this
  }
}
