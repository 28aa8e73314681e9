/** Copies a document deeply. Instances other than dates, such as ObjectIds, are immutable and shared. */
export function cloneDocument<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cloneDocument) as T
  if (value instanceof Date) return new Date(value) as T
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value))
    copy[key] = cloneDocument((value as Record<string, unknown>)[key])
  return copy as T
}
