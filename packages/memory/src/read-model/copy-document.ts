/** What was met while copying. */
export interface CopyNotes {
  hasBigint: boolean
  /** Of keys and strings together: enough to notice what is far too large. */
  characters: number
}

/**
 * Copies a document deeply, as storing and reading it back would: class instances become plain objects,
 * dates, bytes and bigints stay, members that are undefined or functions are left out.
 */
export function copyDocument<T>(document: T, notes: CopyNotes = unread): T {
  return copy(document, notes) as T
}

const unread: CopyNotes = { hasBigint: false, characters: 0 }

function copy(value: unknown, notes: CopyNotes): unknown {
  switch (typeof value) {
    case 'string':
      notes.characters += value.length
      return value
    case 'bigint':
      notes.hasBigint = true
      return value
    case 'object':
      return value === null ? null : copyObject(value, notes)
    default:
      return value
  }
}

function copyObject(value: object, notes: CopyNotes): unknown {
  if (Array.isArray(value)) return copyArray(value, notes)
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof Uint8Array) {
    notes.characters += value.length
    return value.slice()
  }
  if (value instanceof RegExp || '_bsontype' in value) return value
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined || typeof member === 'function') continue
    notes.characters += key.length + 8
    if (key === '__proto__') Object.defineProperty(result, key, { value: copy(member, notes) })
    else result[key] = copy(member, notes)
  }
  return result
}

function copyArray(values: readonly unknown[], notes: CopyNotes): unknown[] {
  const result: unknown[] = []
  for (const value of values) result.push(copy(value ?? null, notes))
  notes.characters += values.length * 8
  return result
}
