import type { Document } from 'mongodb'

/**
 * Tells whether a projection names what to return, rather than what to leave out.
 *
 * `$slice` and `$meta` alone say neither: then everything else is returned. Any other expression includes.
 */
export function isInclusion(projection: Document): boolean {
  const fields = Object.entries(projection).filter(([key]) => key !== '_id')
  if (fields.length > 0) return fields.some(([, value]) => includes(value))
  return '_id' in projection && includes(projection['_id'])
}

/** Returns a projection that returns the same, without `_meta`. */
export function withoutMeta(projection: Document | undefined): Document {
  const fields = Object.entries(projection ?? {}).filter(
    ([key]) => key !== '_meta' && !key.startsWith('_meta.'),
  )
  const rest: Document = Object.fromEntries(fields)
  return isInclusion(rest) ? rest : { ...rest, _meta: 0 }
}

function includes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value)
  const entries: [string, unknown][] = Object.entries(value)
  const [operator, inner] = entries[0] ?? ['', undefined]
  if (operator === '$slice' || operator === '$meta') return false
  return operator.startsWith('$') || includes(inner)
}
