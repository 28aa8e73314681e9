import type { Generation, ReadModelDefinition, ReadModelStore, ViewPoint } from '@varve/core'
import type { Sample } from './read-model-store-subject.ts'

/** What the cases call on a cursor: a part of what the MongoDB driver offers. */
export interface ContractCursor<T> extends AsyncIterable<T> {
  sort(sort: Readonly<Record<string, 1 | -1>>): this
  skip(count: number): this
  limit(count: number): this
  project(projection: Readonly<Record<string, 0 | 1>>): this
  next(): Promise<T | null>
  hasNext(): Promise<boolean>
  toArray(): Promise<T[]>
  forEach(callback: (result: T) => undefined): Promise<void>
  close(): Promise<void>
}

type Filter = Readonly<Record<string, unknown>>

/** What the cases call on a view. To core a view is opaque; this is what every adapter's has in common. */
export interface ContractView {
  findOne(filter?: Filter, options?: Filter): Promise<Sample | null>
  find(filter?: Filter, options?: Filter): ContractCursor<Sample>
  aggregate(pipeline?: Filter[]): Pick<ContractCursor<Sample>, 'toArray'>
  countDocuments(filter?: Filter, options?: Filter): Promise<number>
  distinct(key: string, filter?: Filter): Promise<unknown[]>
}

/** Opens a view as what the cases know of it. */
export function openView(
  store: ReadModelStore,
  generation: Generation,
  model: ReadModelDefinition,
  at?: ViewPoint,
): ContractView {
  return store.view(generation, model, at) as ContractView
}
