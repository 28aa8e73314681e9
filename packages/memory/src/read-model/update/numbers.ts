/**
 * Numbers as MongoDB computes with them: a bigint is an int64, an integer of 32 bits an int32, anything else a double.
 * Of mixed kinds the wider one wins; int32 grows to int64 where it must, and int64 does not grow.
 */
export type StoredNumber = number | bigint

/** Tells whether a value is a number of any kind. */
export function isStoredNumber(value: unknown): value is StoredNumber {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Adds; undefined where the result is over 64 bits. */
export function add(left: StoredNumber, right: StoredNumber): StoredNumber | undefined {
  if (isDouble(left) || isDouble(right)) return Number(left) + Number(right)
  return whole(BigInt(left) + BigInt(right), left, right)
}

/** Multiplies; undefined where the result is over 64 bits. */
export function multiply(left: StoredNumber, right: StoredNumber): StoredNumber | undefined {
  if (isDouble(left) || isDouble(right)) return Number(left) * Number(right)
  return whole(BigInt(left) * BigInt(right), left, right)
}

/** Tells whether a value is an integer type: what bits can be combined of. */
export function isWhole(value: unknown): value is StoredNumber {
  return isStoredNumber(value) && !isDouble(value)
}

function isDouble(value: StoredNumber): boolean {
  return typeof value === 'number' && (!Number.isInteger(value) || !is32Bits(value))
}

function is32Bits(value: number): boolean {
  return value >= -(2 ** 31) && value < 2 ** 31 && !Object.is(value, -0)
}

function whole(result: bigint, left: StoredNumber, right: StoredNumber): StoredNumber | undefined {
  const isWide = typeof left === 'bigint' || typeof right === 'bigint'
  if (!isWide && is32Bits(Number(result))) return Number(result)
  return BigInt.asIntN(64, result) === result ? result : undefined
}
