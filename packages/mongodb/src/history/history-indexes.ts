import type { ReadModelDefinition } from '@varve/core'
import type { IndexDescription } from 'mongodb'
import { indexName } from '../generation/index-name.ts'

/** Finds the versions of a document that are valid at a date. */
export const validityIndex = { id: 1, toAt: 1, fromAt: 1 } as const

/**
 * The indexes of a history: by id at a position or date, and each declared one under `doc`, closed by the
 * positions so that versions of other times are not fetched. Nothing is unique: every version is there.
 */
export function historyIndexes({ indexes }: ReadModelDefinition): readonly IndexDescription[] {
  const byId = [{ id: 1, from: 1, to: 1 } as const, validityIndex]
  const declared = indexes.map(({ keys }) => ({
    ...Object.fromEntries(
      Object.entries(keys).map(([key, direction]) => [`doc.${key}`, direction] as const),
    ),
    from: 1 as const,
    to: 1 as const,
  }))
  return [...byId, ...declared].map((key) => ({ key, name: indexName(key) }))
}
