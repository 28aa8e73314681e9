import { visibleState } from './copy-state.ts'

/** One place in a state that is not the same any more. */
export interface StateChange {
  /** Where it is: `balance`, `owner.name`, `lines[2].amount`, `stock{tea}`. Empty: the state as a whole. */
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Undefined where it was added. */
  readonly before: unknown
  /** Undefined where it was removed. */
  readonly after: unknown
}

/** Lists what differs between two states, at the deepest places, in the order of the fields. */
export function stateChanges(before: unknown, after: unknown): readonly StateChange[] {
  const changes: StateChange[] = []
  compare(visibleState(before), visibleState(after), '', changes)
  return changes
}

function compare(before: unknown, after: unknown, path: string, changes: StateChange[]): void {
  if (Object.is(before, after)) return
  if (!areAlike(before, after)) {
    changes.push({ path, kind: 'changed', before, after })
    return
  }
  if (before instanceof Date || ArrayBuffer.isView(before) || before instanceof RegExp) {
    if (textOf(before) !== textOf(after)) changes.push({ path, kind: 'changed', before, after })
    return
  }
  const [old, now] = [membersOf(before, path), membersOf(after as object, path)]
  for (const [key, value] of old)
    if (now.has(key)) compare(value, now.get(key), key, changes)
    else changes.push({ path: key, kind: 'removed', before: value, after: undefined })
  for (const [key, value] of now)
    if (!old.has(key)) changes.push({ path: key, kind: 'added', before: undefined, after: value })
}

/** Two values that can be compared part by part. */
function areAlike(before: unknown, after: unknown): before is object {
  if (typeof before !== 'object' || typeof after !== 'object') return false
  if (before === null || after === null) return false
  return Object.getPrototypeOf(before) === Object.getPrototypeOf(after)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime())
  if (!ArrayBuffer.isView(value)) return String(value)
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}

function membersOf(value: object, path: string): ReadonlyMap<string, unknown> {
  if (Array.isArray(value))
    return new Map(value.map((item: unknown, index) => [`${path}[${index}]`, item]))
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [`${path}{${nameOf(key)}}`, item as unknown]))
  if (value instanceof Set)
    return new Map([...value].map((item: unknown) => [`${path}{${nameOf(item)}}`, item]))
  return new Map(
    Object.entries(value).map(([key, item]) => [path === '' ? key : `${path}.${key}`, item]),
  )
}

/** Two keys of one content count as one. */
function nameOf(key: unknown): string {
  if (key instanceof Date) return key.toISOString()
  if (typeof key !== 'object' || key === null) return String(key)
  return JSON.stringify(key, (_name, part: unknown) =>
    typeof part === 'bigint' ? `${part}n` : part,
  )
}
