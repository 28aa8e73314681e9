import { InvalidTenantError, TenantRequiredError } from './tenant-errors.ts'

const longest = 128

/** Id of an aggregate or a document and the tenant it belongs to. */
export interface TenantId {
  readonly tenant: string
  readonly id: string
}

/**
 * Checks who something is for.
 *
 * @param subject What needs a tenant, as the start of a sentence.
 * @throws {TenantRequiredError} There is none.
 * @throws {InvalidTenantError} It is empty, no string, too long, or no valid text.
 */
export function requireTenant(tenant: unknown, subject: string): string {
  if (tenant === undefined || tenant === null) throw new TenantRequiredError(subject)
  if (typeof tenant !== 'string')
    throw new InvalidTenantError(`A ${typeof tenant}`, 'it is no string')
  const found = `"${tenant.slice(0, longest)}"`
  if (tenant === '') throw new InvalidTenantError(found, 'it is empty')
  if (tenant.length > longest)
    throw new InvalidTenantError(`${found}…`, `it is longer than ${longest} characters`)
  if (!isText(tenant)) throw new InvalidTenantError(found, 'it is no valid text')
  return tenant
}

/**
 * Returns what all ids of one tenant begin with: its name with everything but letters, digits, `_` and `-` written as
 * `%` and two digits, then the only `.` in it. So no tenant's prefix begins another one's.
 */
export function prefixOf(tenant: string): string {
  const encoded = encodeURIComponent(tenant).replace(
    /[.!~*'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${encoded}.`
}

/** Makes the id under which something of a tenant is stored. Different for every pair of tenant and id. */
export function tenantId(tenant: string, id: string): string {
  return `${prefixOf(tenant)}${id}`
}

/** Takes a stored id apart; undefined where it is none of a tenant. */
export function parseTenantId(stored: string): TenantId | undefined {
  const dot = stored.indexOf('.')
  if (dot < 1) return undefined
  const encoded = stored.slice(0, dot)
  const tenant = decode(encoded)
  // Written in another way, it is no id this module has made.
  if (tenant === undefined || prefixOf(tenant) !== `${encoded}.`) return undefined
  return { tenant, id: stored.slice(dot + 1) }
}

function isText(tenant: string): boolean {
  try {
    encodeURIComponent(tenant)
    return true
  } catch {
    return false
  }
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
