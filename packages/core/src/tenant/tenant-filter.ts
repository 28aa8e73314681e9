import { tenantField } from './tenant-documents.ts'
import { TenantViewError } from './tenant-errors.ts'
import { tenantId } from './tenant-id.ts'

/** A filter, as the database takes it. */
export type Filter = Readonly<Record<string, unknown>>

/** Whose documents of which read model are looked at. */
export interface TenantSight {
  readonly tenant: string
  /** What their stored ids begin with. */
  readonly prefix: string
  /** Name of the read model, for messages. */
  readonly model: string
}

const logical = new Set(['$and', '$or', '$nor'])
/** Code the server would run on documents of other tenants, too. */
const code = new Set(['$where', '$function'])

/**
 * Narrows a filter to the documents of one tenant. Conditions on `_id` are rewritten to the stored ids.
 *
 * @throws {TenantViewError} It names the tenant's field, runs code, or looks at `_id` in a way that cannot be rewritten.
 */
export function filterByTenant(
  sight: TenantSight,
  filter: unknown,
  options?: { readonly collation?: unknown },
): Filter {
  const { tenant } = sight
  const isCollated = options?.collation !== undefined && options.collation !== null
  const own = isCollated ? { $eq: tenant, $regex: patternOf(tenant) } : tenant
  return { ...rewrite(sight, filter ?? {}), [tenantField]: own }
}

/** A collation may take two tenants for the same, such as those that differ in case. A pattern knows of none. */
function patternOf(tenant: string): string {
  const literal = tenant
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('\u0000', String.raw`\x00`)
  return String.raw`^${literal}(?![\s\S])`
}

function rewrite(sight: TenantSight, filter: unknown): Filter {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    throw new TenantViewError(sight.model, 'A filter that is no object', 'pass an object')
  const rewritten: Record<string, unknown> = {}
  for (const [key, condition] of Object.entries(filter)) {
    checkKey(sight, key)
    if (logical.has(key)) rewritten[key] = listOf(sight, key, condition)
    else if (key === '_id') rewritten[key] = idCondition(sight, condition)
    else rewritten[key] = condition
  }
  return rewritten
}

function listOf(sight: TenantSight, key: string, parts: unknown): readonly Filter[] {
  if (Array.isArray(parts)) return parts.map((part) => rewrite(sight, part))
  throw new TenantViewError(sight.model, `"${key}" without a list`, 'pass a list of filters')
}

function checkKey(sight: TenantSight, key: string): void {
  if (key === tenantField || key.startsWith(`${tenantField}.`))
    throw new TenantViewError(
      sight.model,
      `A filter on "${tenantField}"`,
      'the tenant is that of the query, and no filter changes it',
    )
  if (code.has(key))
    throw new TenantViewError(sight.model, `"${key}"`, 'use operators that need no code')
}

const single = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'])
const several = new Set(['$in', '$nin'])
const asIs = new Set(['$exists', '$type'])

/** Ids of one tenant begin alike, so they compare as they did. */
function idCondition(sight: TenantSight, condition: unknown): unknown {
  if (typeof condition !== 'object' || condition === null) return storedId(sight, condition)
  if (Object.getPrototypeOf(condition) !== Object.prototype) throw refusedId(sight, 'a pattern')
  const rewritten: Record<string, unknown> = {}
  for (const [operator, value] of Object.entries(condition)) {
    if (single.has(operator)) rewritten[operator] = storedId(sight, value)
    else if (several.has(operator) && Array.isArray(value))
      rewritten[operator] = value.map((one) => storedId(sight, one))
    else if (operator === '$not') rewritten[operator] = idCondition(sight, value)
    else if (asIs.has(operator)) rewritten[operator] = value
    else throw refusedId(sight, `"${operator}"`)
  }
  return rewritten
}

function storedId(sight: TenantSight, id: unknown): unknown {
  if (typeof id === 'string') return tenantId(sight.tenant, id)
  if (typeof id === 'object' && id !== null) throw refusedId(sight, 'a pattern or an object')
  return id
}

function refusedId({ model }: TenantSight, found: string): TenantViewError {
  return new TenantViewError(
    model,
    `A filter on "_id" by ${found}`,
    'compare it with $eq, $ne, $in, $nin, $gt, $gte, $lt or $lte, or keep what you look for in another field',
  )
}
