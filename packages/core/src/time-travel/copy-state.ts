import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import { AggregateRoot } from '../aggregate/aggregate-root.ts'
import type { SnapshotMethods } from '../aggregate/define-aggregate-class.ts'

/**
 * Copies the state of an aggregate, so that nothing done to one shows in the other.
 *
 * An instance of a class is made anew and given the same fields, or what its `toSnapshot` writes where it has that:
 * `#private` fields are only seen through it.
 */
export function copyState<State>(
  definition: AggregateDefinition<State>,
  id: string,
  state: State,
): State {
  if (!(state instanceof AggregateRoot)) return copyValue(state, new Map()) as State
  const copy = definition.initial(id) as State & AggregateRoot
  const [from, to] = [state as SnapshotMethods, copy as SnapshotMethods]
  if (from.toSnapshot && to.fromSnapshot) to.fromSnapshot(structuredClone(from.toSnapshot()))
  else copyMembers(state, copy, new Map())
  return copy
}

/** What of a state can be looked at: its fields, or what it writes in a snapshot. */
export function visibleState(state: unknown): unknown {
  if (!(state instanceof AggregateRoot)) return state
  return (state as SnapshotMethods).toSnapshot?.() ?? state
}

function copyValue(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const found = known.get(value)
  if (found !== undefined) return found
  const copy = emptyLike(value)
  known.set(value, copy)
  if (value instanceof Map)
    for (const [key, item] of value)
      (copy as Map<unknown, unknown>).set(copyValue(key, known), copyValue(item, known))
  else if (value instanceof Set)
    for (const item of value) (copy as Set<unknown>).add(copyValue(item, known))
  else if (!isOpaque(value)) copyMembers(value, copy, known)
  return copy
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return Array.from({ length: value.length })
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (isOpaque(value)) return structuredClone(value)
  return Object.create(Object.getPrototypeOf(value) as object | null) as object
}

/** Values whose content is not in properties. */
function isOpaque(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  )
}

function copyMembers(from: object, to: object, known: Map<object, unknown>): void {
  for (const key of Object.keys(to)) if (!(key in from)) Reflect.deleteProperty(to, key)
  for (const [key, value] of Object.entries(from))
    Object.defineProperty(to, key, {
      value: copyValue(value, known),
      configurable: true,
      enumerable: true,
      writable: true,
    })
}
