import { tenantField } from './tenant-documents.ts'
import { TenantViewError } from './tenant-errors.ts'
import { type Filter, filterByTenant, type TenantSight } from './tenant-filter.ts'

/** Stages that see nothing but the documents they are given, and write nothing. */
const allowed = new Set([
  '$addFields',
  '$bucket',
  '$bucketAuto',
  '$count',
  '$densify',
  '$facet',
  '$fill',
  '$group',
  '$limit',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$sample',
  '$set',
  '$setWindowFields',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unset',
  '$unwind',
])

/**
 * Narrows a pipeline to the documents of one tenant, as that tenant knows them.
 *
 * @throws {TenantViewError} A stage reads other documents (`$lookup`, `$unionWith`, …) or writes (`$out`, `$merge`).
 */
export function pipelineByTenant(
  sight: TenantSight,
  pipeline: unknown,
  options?: object,
): readonly Filter[] {
  const stages = checkedStages(sight, pipeline ?? [])
  const { own, others } = splitMatch(sight, stages, options)
  return [{ $match: own }, { $set: { _id: plainId(sight) } }, { $unset: tenantField }, ...others]
}

/** The prefix is ASCII, so its bytes are its characters. */
function plainId({ prefix: { length } }: TenantSight): Filter {
  return { $substrBytes: ['$_id', length, { $subtract: [{ $strLenBytes: '$_id' }, length] }] }
}

/** A filter in front is applied to the stored documents, by their indexes; where it cannot be, to the plain ones. */
function splitMatch(
  sight: TenantSight,
  all: readonly Filter[],
  options: object | undefined,
): { readonly own: Filter; readonly others: readonly Filter[] } {
  const [first, ...rest] = all
  const whole = { own: filterByTenant(sight, {}, options), others: all }
  if (!first || !('$match' in first)) return whole
  try {
    return { own: filterByTenant(sight, first['$match'], options), others: rest }
  } catch (error) {
    if (!(error instanceof TenantViewError)) throw error
    return whole
  }
}

function checkedStages(sight: TenantSight, pipeline: unknown): readonly Filter[] {
  if (!Array.isArray(pipeline))
    throw new TenantViewError(sight.model, 'A pipeline that is no list', 'pass a list of stages')
  for (const stage of pipeline as readonly unknown[]) checkStage(sight, stage)
  return pipeline as readonly Filter[]
}

function checkStage(sight: TenantSight, stage: unknown): void {
  if (typeof stage !== 'object' || stage === null)
    throw new TenantViewError(sight.model, 'A stage that is no object', 'pass a list of stages')
  for (const [name, operand] of Object.entries(stage) as [string, unknown][]) {
    if (!allowed.has(name))
      throw new TenantViewError(
        sight.model,
        `Stage "${name}"`,
        'it may read or write documents of other tenants; read several models instead, or keep what you need in one',
      )
    if (name === '$facet' && typeof operand === 'object' && operand !== null)
      for (const part of Object.values(operand) as unknown[]) checkedStages(sight, part)
  }
}
