import { compareText } from '../../compare-text.ts'
import { isStoredNumber, type StoredNumber } from './numbers.ts'

/** Compares two values of documents in the order MongoDB sorts all values in; what is missing comes first. */
export function compareValues(left: unknown, right: unknown): number {
  const rank = rankOf(left)
  const difference = rank - rankOf(right)
  if (difference !== 0) return difference
  if (isStoredNumber(left)) return compareNumbers(left, right as StoredNumber)
  if (typeof left === 'string') return compareText(left, right as string)
  if (typeof left === 'boolean') return Number(left) - Number(right)
  if (Array.isArray(left)) return compareArrays(left, right as readonly unknown[])
  if (left instanceof Date) return left.getTime() - (right as Date).getTime()
  if (left instanceof Uint8Array) return compareBytes(left, right as Uint8Array)
  if (rank === objectRank) return compareObjects(left as object, right as object)
  return rank > objectRank ? compareText(String(left), String(right)) : 0
}

const objectRank = 4

/** The order of types. */
function rankOf(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return 0
    case 'number':
    case 'bigint':
      return 2
    case 'string':
      return 3
    case 'boolean':
      return 8
    default:
      if (value === null) return 1
      if (Array.isArray(value)) return 5
      if (value instanceof Uint8Array) return 6
      if (value instanceof Date) return 9
      return value instanceof RegExp || '_bsontype' in (value as object) ? 11 : objectRank
  }
}

function compareNumbers(left: StoredNumber, right: StoredNumber): number {
  if (left === right) return 0
  // NaN is the least of all, and equal to itself.
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1
  if (Number.isNaN(right)) return 1
  return left < right ? -1 : left > right ? 1 : 0
}

function compareArrays(left: readonly unknown[], right: readonly unknown[]): number {
  for (const [index, item] of left.entries()) {
    if (index >= right.length) return 1
    const found = compareValues(item, right[index])
    if (found !== 0) return found
  }
  return left.length - right.length
}

/** Binary values are ordered by length first. */
function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return left.length - right.length || Buffer.compare(left, right)
}

/** Field by field in their order: type, name, value. */
function compareObjects(left: object, right: object): number {
  const others = Object.entries(right) as [string, unknown][]
  const own = Object.entries(left) as [string, unknown][]
  for (const [index, [name, value]] of own.entries()) {
    const other = others[index]
    if (!other) return 1
    const found =
      rankOf(value) - rankOf(other[1]) ||
      compareText(name, other[0]) ||
      compareValues(value, other[1])
    if (found !== 0) return found
  }
  return own.length - others.length
}
