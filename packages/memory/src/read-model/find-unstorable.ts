/** Where a value is that a document cannot hold, and what to do about it. */
export interface Unstorable {
  readonly path: string
  readonly reason: string
}

/** Tells why one value, not looking into it, cannot be stored; undefined where it can. */
export function unstorableReason(value: unknown): string | undefined {
  if (typeof value === 'bigint')
    return BigInt.asIntN(64, value) === value
      ? undefined
      : `is ${value}, over 64 bits; store it as a string`
  if (typeof value === 'function' || typeof value === 'symbol')
    return `is a ${typeof value}; store data only`
  if (value instanceof Map || value instanceof Set)
    return `is a ${value.constructor.name}, which MongoDB cannot give back; store an object or an array`
  return undefined
}

/** Finds the first such value of a document. */
export function findUnstorable(
  value: object,
  path: readonly string[] = [],
): Unstorable | undefined {
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key]
    const reason =
      at.length === 1 && key === '_meta'
        ? 'is kept for Varve; use another name'
        : unstorableReason(member)
    if (reason) return { path: at.join('.'), reason }
    const below = typeof member === 'object' && member !== null
    const found = below ? findUnstorable(member as object, at) : undefined
    if (found) return found
  }
  return undefined
}
