import type { IndexDefinition } from '@varve/core'
import type { IndexDescription } from 'mongodb'
import { indexName } from './index-name.ts'

/** An index as a server lists it. */
export interface ListedIndex {
  readonly name: string
  readonly key: Readonly<Record<string, unknown>>
  readonly unique?: boolean
  readonly sparse?: boolean
}

/** What a declaration asks for over what a collection has. */
export interface IndexPlan {
  readonly missing: readonly IndexDescription[]
  /** Declared, but there with the same name or keys and otherwise: it cannot be created. */
  readonly changed: readonly { readonly declared: IndexDescription; readonly found: ListedIndex }[]
  /** There, but not declared any more. */
  readonly undeclared: readonly ListedIndex[]
}

/** Turns a declared index into what the driver takes. */
export function toDescription({ keys, name, unique, sparse }: IndexDefinition): IndexDescription & {
  readonly name: string
} {
  return {
    key: { ...keys },
    name: name ?? indexName(keys),
    ...(unique && { unique }),
    ...(sparse && { sparse }),
  }
}

/** Compares declared indexes with those of a collection. */
export function planIndexes(
  declared: readonly IndexDescription[],
  existing: readonly ListedIndex[],
): IndexPlan {
  const missing: IndexDescription[] = []
  const changed: { declared: IndexDescription; found: ListedIndex }[] = []
  const known = new Set<ListedIndex>()
  for (const index of declared) {
    const found =
      existing.find((one) => sameKeys(one, index)) ??
      existing.find((one) => one.name === index.name)
    if (!found) {
      missing.push(index)
      continue
    }
    known.add(found)
    if (!sameKeys(found, index) || !sameOptions(found, index)) {
      changed.push({ declared: index, found })
    }
  }
  const undeclared = existing.filter((one) => one.name !== '_id_' && !known.has(one))
  return { missing, changed, undeclared }
}

/** Keys in their order: an index on `a, b` is not one on `b, a`. */
function sameKeys(found: ListedIndex, { key }: IndexDescription): boolean {
  return JSON.stringify(Object.entries(found.key)) === JSON.stringify(Object.entries(key))
}

function sameOptions(found: ListedIndex, declared: IndexDescription): boolean {
  return (
    (found.unique ?? false) === (declared.unique ?? false) &&
    (found.sparse ?? false) === (declared.sparse ?? false)
  )
}
