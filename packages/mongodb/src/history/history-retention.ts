import type { DocumentWrite, ReadModelDefinition, ViewPoint } from '@varve/core'
import type { AnyBulkWriteOperation, Collection, Filter, IndexDescription } from 'mongodb'
import { indexName } from '../generation/index-name.ts'
import type { HistoryVersion } from './history-collection.ts'

/** Versions are dropped this much later than they may be, so that clocks may differ. In milliseconds. */
const marginMs = 60_000

/** The indexes by which old versions are dropped, by the server itself or after a commit, and the gap is noticed. */
export function retentionIndexes({ retention = {} }: ReadModelDefinition): IndexDescription[] {
  const { keepMs, keepVersions } = retention
  const named = (key: Record<string, 1>, options: Partial<IndexDescription> = {}) => ({
    key,
    name: indexName(key),
    ...options,
  })
  return [
    ...(keepMs === undefined
      ? []
      : [
          named({ toAt: 1 }, { expireAfterSeconds: Math.ceil((keepMs + marginMs) / 1_000) }),
          named({ from: 1 }),
        ]),
    ...(keepVersions === undefined
      ? []
      : [
          named({ id: 1, n: 1 }),
          named({ isCut: 1, from: 1 }, { sparse: true }),
          named({ isCut: 1, fromAt: 1 }, { sparse: true }),
        ]),
  ]
}

/** Builds the operations that drop the versions of a document over the most that are kept. */
export function cutOperations({
  model,
  id,
  events,
}: DocumentWrite): readonly AnyBulkWriteOperation<HistoryVersion>[] {
  const most = model.retention?.keepVersions
  if (most === undefined) return []
  const last = events - Math.max(1, most)
  if (last < 1) return []
  return [
    { updateMany: { filter: { id, n: last + 1 }, update: { $set: { isCut: true } } } },
    { deleteMany: { filter: { id, n: { $lte: last } } } },
  ]
}

/** Tells whether no version was dropped that was valid at a point. */
export async function reachesBack(
  history: Collection<HistoryVersion>,
  { retention = {} }: ReadModelDefinition,
  at: ViewPoint,
): Promise<boolean> {
  const { keepMs, keepVersions } = retention
  if (keepMs !== undefined && !(await isYoung(history, new Date(Date.now() - keepMs), at)))
    return false
  if (keepVersions === undefined) return true
  const later: Filter<HistoryVersion> =
    'position' in at ? { from: { $gt: at.position } } : { fromAt: { $gt: at.date } }
  const cut = await history.findOne({ isCut: true, ...later }, { projection: { _id: 1 } })
  return cut === null
}

/** A position is as young as the last version made up to it, if not younger. */
async function isYoung(
  history: Collection<HistoryVersion>,
  limit: Date,
  at: ViewPoint,
): Promise<boolean> {
  if ('date' in at) return at.date >= limit
  const newest = await history.findOne(
    { from: { $lte: at.position } },
    { sort: { from: -1 }, projection: { fromAt: 1 } },
  )
  return newest !== null && newest.fromAt >= limit
}
