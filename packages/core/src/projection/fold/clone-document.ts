/**
 * Copies a document deeply, as storing and reading it back would: instances of classes become plain objects.
 * Values of the driver, such as ObjectIds, never change and are shared.
 */
export function cloneDocument<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cloneDocument) as T
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    if (value instanceof Date) return new Date(value) as T
    if (value instanceof Uint8Array) return value.slice() as T
    if (value instanceof Map)
      return new Map(Array.from(value, ([key, member]) => [key, cloneDocument(member)])) as T
    if ('_bsontype' in value || value instanceof RegExp) return value
  }
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = cloneDocument((value as Record<string, unknown>)[key])
    if (key === '__proto__') Object.defineProperty(copy, key, { value: member, enumerable: true })
    else copy[key] = member
  }
  return copy as T
}

/** Copies a document without what no store keeps: members that are undefined, which are null in lists. */
export function storedForm<T>(document: T): T {
  return withoutUndefined(cloneDocument(document)) as T
}

/** Changes what it is given. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutUndefined(item) ?? null)
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const members = value as Record<string, unknown>
  for (const [key, member] of Object.entries(members))
    if (member === undefined) Reflect.deleteProperty(members, key)
    else if (typeof member === 'object' && key !== '__proto__')
      members[key] = withoutUndefined(member)
  return members
}
