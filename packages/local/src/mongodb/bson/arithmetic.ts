import { Decimal128, Double } from 'bson'
import {
  addExact,
  exactNumberOf,
  multiplyExact,
  toDecimal128,
  type ExactNumber,
} from './exact-number.ts'
import { toNumber, type BsonNumber } from './value.ts'

const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n

/** What to do when a whole number leaves 64 bits. */
export type OverflowRule = 'to-double' | 'undefined'

/**
 * Adds as the server does: the wider type wins, int32 grows to int64.
 *
 * @returns `undefined` when int64 overflows and the rule is `'undefined'`.
 */
export function addNumbers<R extends OverflowRule>(
  left: BsonNumber,
  right: BsonNumber,
  rule: R,
): BsonNumber | (R extends 'undefined' ? undefined : never) {
  return combine(left, right, rule, ADDITION) as BsonNumber
}

/** Multiplies with the rules of {@link addNumbers}. */
export function multiplyNumbers<R extends OverflowRule>(
  left: BsonNumber,
  right: BsonNumber,
  rule: R,
): BsonNumber | (R extends 'undefined' ? undefined : never) {
  return combine(left, right, rule, MULTIPLICATION) as BsonNumber
}

/** The number with its sign turned. */
export function negateNumber(value: BsonNumber): BsonNumber {
  if (value instanceof Double) return new Double(-value.value)
  return multiplyNumbers(value, -1, 'to-double')
}

/** A whole number in the given width, or as a double when it does not fit 64 bits. */
export function fitInteger(value: bigint, wide: boolean): BsonNumber {
  if (!wide && BigInt.asIntN(32, value) === value) return Number(value)
  if (value >= MIN_INT64 && value <= MAX_INT64) return value
  return new Double(Number(value))
}

interface Operation {
  readonly doubles: (a: number, b: number) => number
  readonly integers: (a: bigint, b: bigint) => bigint
  readonly decimals: (a: ExactNumber, b: ExactNumber) => ExactNumber
}

const ADDITION: Operation = {
  doubles: (a, b) => a + b,
  integers: (a, b) => a + b,
  decimals: addExact,
}

const MULTIPLICATION: Operation = {
  doubles: (a, b) => a * b,
  integers: (a, b) => a * b,
  decimals: multiplyExact,
}

function combine(
  left: BsonNumber,
  right: BsonNumber,
  rule: OverflowRule,
  operation: Operation,
): BsonNumber | undefined {
  if (left instanceof Decimal128 || right instanceof Decimal128) {
    const a = exactNumberOf(left)
    const b = exactNumberOf(right)
    if (a && b) return toDecimal128(operation.decimals(a, b))
    return specialDecimal(operation.doubles(toNumber(left), toNumber(right)))
  }
  if (left instanceof Double || right instanceof Double) {
    return new Double(operation.doubles(toNumber(left), toNumber(right)))
  }
  const wide = typeof left === 'bigint' || typeof right === 'bigint'
  const result = operation.integers(BigInt(left), BigInt(right))
  if (rule === 'undefined' && (result < MIN_INT64 || result > MAX_INT64)) return undefined
  return fitInteger(result, wide)
}

/** NaN or an infinity as a decimal. */
export function specialDecimal(value: number): Decimal128 {
  if (Number.isNaN(value)) return Decimal128.fromString('NaN')
  return Decimal128.fromString(value < 0 ? '-Infinity' : 'Infinity')
}
