import type { ReadModelDefinition } from '@varve/core'
import type { IndexDescription } from 'mongodb'
import { retentionIndexes } from './history-retention.ts'
import { indexName } from '../generation/index-name.ts'

/** Finds the versions of a document to end where the clock of the log went back. */
export const validityIndex = { id: 1, toAt: 1, fromAt: 1 } as const

const byPoint = ['cell', 'cellAt'] as const
const borders = { cell: { from: 1, to: 1 }, cellAt: { fromAt: 1, toAt: 1 } } as const

/**
 * The indexes of a history: by position and by date, alone, with the id, and with each declared one under `doc`.
 * Each starts with what is asked for by equality, so versions of other times are not read. Nothing is unique: every
 * version is there.
 */
export function historyIndexes(model: ReadModelDefinition): readonly IndexDescription[] {
  const { indexes } = model
  const byId = byPoint.map((cell) => ({ [cell]: 1 as const, id: 1 as const, ...borders[cell] }))
  const declared = indexes.flatMap(({ keys }) =>
    byPoint.map((cell) => ({
      ...Object.fromEntries(
        Object.entries(keys).map(([key, direction]) => [`doc.${key}`, direction] as const),
      ),
      [cell]: 1 as const,
      ...borders[cell],
    })),
  )
  const found = [validityIndex, ...byId, ...declared].map((key) => ({ key, name: indexName(key) }))
  return [...found, ...retentionIndexes(model)]
}
