import type { Document } from 'mongodb'

/** Stages that hand documents on as they are; several of them must stand first, or only use an index there. */
const passing = new Set([
  '$match',
  '$sort',
  '$limit',
  '$skip',
  '$sample',
  '$geoNear',
  '$search',
  '$vectorSearch',
  '$indexStats',
  '$collStats',
  '$searchMeta',
])

/** Splits a pipeline after its first stages that hand documents on as they are. */
export function splitPassing(pipeline: readonly Document[]): [Document[], Document[]] {
  const at = pipeline.findIndex((stage) => !Object.keys(stage).every((name) => passing.has(name)))
  const end = at === -1 ? pipeline.length : at
  return [pipeline.slice(0, end), pipeline.slice(end)]
}
