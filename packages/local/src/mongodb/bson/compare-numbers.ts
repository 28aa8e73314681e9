import { Decimal128, Double } from 'bson'
import { compareExact, exactNumberOf } from './exact-number.ts'
import { toNumber, type BsonNumber } from './value.ts'

/** Compares numbers of any two types exactly. NaN equals itself and is below every other number. */
export function compareNumbers(left: BsonNumber, right: BsonNumber): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'bigint' && typeof right === 'bigint') return order(left, right)
  if (!(left instanceof Decimal128) && !(right instanceof Decimal128)) {
    return compareWithDouble(left, right)
  }
  const a = exactNumberOf(left)
  const b = exactNumberOf(right)
  if (a && b) return compareExact(a, b)
  // A decimal beyond the doubles is still below infinity.
  return compareDoubles(a ? 0 : toNumber(left), b ? 0 : toNumber(right))
}

function compareWithDouble(
  left: number | bigint | Double,
  right: number | bigint | Double,
): number {
  const a = left instanceof Double ? left.value : left
  const b = right instanceof Double ? right.value : right
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b)
  if (Number.isNaN(a)) return -1
  if (Number.isNaN(b)) return 1
  // JavaScript compares a bigint with a number exactly.
  return a < b ? -1 : a > b ? 1 : 0
}

function compareDoubles(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1
  if (Number.isNaN(b)) return 1
  return a < b ? -1 : a > b ? 1 : 0
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
