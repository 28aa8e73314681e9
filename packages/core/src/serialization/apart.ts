/** More levels than an event may have; what is deeper is refused when it is encoded. */
const deepest = 200

/**
 * Returns an event that shares nothing with the given one that could be changed: a fold may keep a list of it and add
 * to that list, and neither the log nor whoever emitted the event must see that. Flat events are returned as they are.
 */
export function apart<Event extends object>(event: Event): Event {
  for (const key in event) {
    const member: unknown = event[key]
    if (typeof member === 'object' && member !== null) return copyOf(event, 0) as Event
  }
  return event
}

function copyOf(value: object, depth: number): object {
  if (value instanceof Date) return new Date(value.getTime())
  // What JSON cannot carry is refused when it is encoded, and means nothing here.
  if (depth > deepest || ArrayBuffer.isView(value)) return value
  if (value instanceof Map || value instanceof Set) return value
  if (Array.isArray(value)) return value.map((item: unknown) => partOf(item, depth))
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as object
  for (const key of Object.keys(value)) {
    const member = partOf((value as Record<string, unknown>)[key], depth)
    if (key === '__proto__') Object.defineProperty(copy, key, { value: member, enumerable: true })
    else (copy as Record<string, unknown>)[key] = member
  }
  return copy
}

function partOf(value: unknown, depth: number): unknown {
  return typeof value === 'object' && value !== null ? copyOf(value, depth + 1) : value
}
