import type { IndexDefinition } from '@varve/core'
import type { PreparedWrite } from './in-memory-collection.ts'
import type { ReadModelRow } from './read-model-row.ts'

/** Two documents that would share a value. */
export interface UniqueIndexViolation {
  readonly id: string
  readonly index: string
  readonly value: string
}

/** Which document has which value under a unique index. An array counts as one value. */
export class UniqueIndex {
  readonly #paths: readonly string[]
  readonly #isSparse: boolean
  readonly #name: string
  readonly #owners = new Map<string, string>()

  constructor({ keys, sparse = false, name }: IndexDefinition) {
    this.#paths = Object.keys(keys)
    this.#isSparse = sparse
    const parts = Object.entries(keys).map(([path, direction]) => `${path}_${direction}`)
    this.#name = name ?? parts.join('_')
  }

  /** Finds a value that would have two documents after some writes, in whatever order they come. */
  violation(writes: readonly PreparedWrite[]): UniqueIndexViolation | undefined {
    const written = new Set(writes.map(({ id }) => id))
    const taken = new Set<string>()
    for (const { id, row } of writes) {
      const value = row && this.#valueOf(row)
      if (value === undefined) continue
      const owner = this.#owners.get(value)
      const isOwned = owner !== undefined && owner !== id && !written.has(owner)
      if (isOwned || taken.has(value)) return { id, index: this.#name, value }
      taken.add(value)
    }
    return undefined
  }

  /** Notes that a document changed. */
  change(id: string, before: ReadModelRow | undefined, after: ReadModelRow | undefined): void {
    const freed = before && this.#valueOf(before)
    if (freed !== undefined && this.#owners.get(freed) === id) this.#owners.delete(freed)
    const taken = after && this.#valueOf(after)
    if (taken !== undefined) this.#owners.set(taken, id)
  }

  /** The indexed value as text; undefined where a sparse index leaves the document out. */
  #valueOf({ comparable }: ReadModelRow): string | undefined {
    const values = this.#paths.map((path) => valueAt(comparable, path))
    if (this.#isSparse && values.every((value) => value === undefined)) return undefined
    return JSON.stringify(values.map((value) => (value instanceof Date ? { date: value } : value)))
  }
}

function valueAt(document: object, path: string): unknown {
  let value: unknown = document
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}
