/** Where a value is that JSON cannot carry, and what it is. */
export interface Unserializable {
  /** `lines[2].price`; empty for the payload itself. */
  readonly path: string
  readonly found: string
}

/** Finds the first value in a payload that stops `JSON.stringify`. */
export function findUnserializable(
  value: unknown,
  path = '',
  ancestors: readonly unknown[] = [],
): Unserializable | undefined {
  if (typeof value === 'bigint') return { path, found: 'a bigint' }
  if (typeof value === 'function' || typeof value === 'symbol' || value === undefined)
    return path === ''
      ? { path, found: value === undefined ? 'undefined' : `a ${typeof value}` }
      : undefined
  if (typeof value !== 'object' || value === null) return undefined
  if (ancestors.includes(value)) return { path, found: 'a cycle' }
  const below = [...ancestors, value]
  for (const [key, member] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : path === '' ? key : `.${key}`
    const found = findUnserializable(member, path + step, below)
    if (found) return found
  }
  return undefined
}
