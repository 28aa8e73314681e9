import { unstorableReason } from './find-unstorable.ts'

/** What was met while copying. */
export interface CopyNotes {
  hasBigint: boolean
  /** Of keys and strings together: enough to notice what is far too large. */
  characters: number
  /** Whether there was something a document cannot hold. */
  hasUnstorable: boolean
}

/**
 * Copies a document deeply, as storing and reading it back would: class instances become plain objects,
 * dates, bytes and bigints stay, members that are undefined are left out.
 */
export function copyDocument<T>(document: T, notes: CopyNotes = unread): T {
  return copy(document, notes) as T
}

/** Notes on nothing yet. */
export function newNotes(): CopyNotes {
  return { hasBigint: false, characters: 0, hasUnstorable: false }
}

const unread = newNotes()

function copy(value: unknown, notes: CopyNotes): unknown {
  switch (typeof value) {
    case 'string':
      notes.characters += value.length
      return value
    case 'bigint':
      notes.hasBigint = true
      notes.hasUnstorable ||= unstorableReason(value) !== undefined
      return value
    case 'object':
      return value === null ? null : copyObject(value, notes)
    case 'function':
    case 'symbol':
      notes.hasUnstorable = true
      return value
    default:
      return value
  }
}

function copyObject(value: object, notes: CopyNotes): unknown {
  if (Object.getPrototypeOf(value) === Object.prototype) return copyMembers(value, notes)
  if (Array.isArray(value)) return copyArray(value, notes)
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof Uint8Array) {
    notes.characters += value.length
    return value.slice()
  }
  if (value instanceof RegExp || '_bsontype' in value) return value
  notes.hasUnstorable ||= unstorableReason(value) !== undefined
  return copyMembers(value, notes)
}

function copyMembers(value: object, notes: CopyNotes): unknown {
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined) continue
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
