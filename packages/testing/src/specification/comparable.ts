/**
 * Copies a value so that what it holds can be compared: instances become plain objects, and a property that is
 * undefined is as one that is not there.
 */
export function comparable(value: unknown): unknown {
  return copy(value, new Map())
}

function copy(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (value instanceof Date) return new Date(value.getTime())
  if (ArrayBuffer.isView(value) || value instanceof RegExp || value instanceof Error) return value
  if (value instanceof Map)
    return new Map([...value].map(([key, member]) => [key as unknown, copy(member, seen)]))
  if (value instanceof Set) return new Set([...value].map((member) => copy(member, seen)))
  if (Array.isArray(value)) {
    const list: unknown[] = []
    seen.set(value, list)
    for (const member of value as readonly unknown[]) list.push(copy(member, seen))
    return list
  }
  const plain: Record<string, unknown> = {}
  seen.set(value, plain)
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) plain[name] = copy(member, seen)
  return plain
}
