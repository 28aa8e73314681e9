import type { Document } from 'mongodb'
import { pastFilter } from './past-filter.ts'
import { PastViewUnsupportedError } from './past-view-errors.ts'

/** Stages that only work as the first one, on the documents themselves. */
const firstOnly = [
  '$geoNear',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$indexStats',
  '$collStats',
]

/**
 * Rewrites a pipeline on documents to one on their versions. Matches at its start become part of the first match,
 * so that they use the history's indexes.
 *
 * @throws {PastViewUnsupportedError}
 */
export function pastPipeline(
  model: string,
  valid: Document,
  pipeline: readonly Document[],
): Document[] {
  const at = pipeline.findIndex((stage) => !('$match' in stage))
  const end = at === -1 ? pipeline.length : at
  const matches = pipeline
    .slice(0, end)
    .map((stage) => pastFilter(model, stage['$match'] as Document))
  const unsupported = firstOnly.find((name) => name in (pipeline[end] ?? {}))
  if (unsupported) throw new PastViewUnsupportedError(model, unsupported)
  return [
    { $match: matches.length > 0 ? { $and: [...matches, valid] } : valid },
    { $replaceRoot: { newRoot: '$doc' } },
    ...pipeline.slice(end),
  ]
}
