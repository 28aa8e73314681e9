import { Decimal128, Double } from 'bson'
import type { BsonNumber } from './value.ts'

/** A finite decimal number: `coefficient * 10^exponent`. */
export interface ExactNumber {
  readonly coefficient: bigint
  readonly exponent: number
}

const DECIMAL_DIGITS = 34

/** The exact value of a finite number, or undefined for NaN and the infinities. */
export function exactNumberOf(value: BsonNumber): ExactNumber | undefined {
  if (typeof value === 'number') return { coefficient: BigInt(value), exponent: 0 }
  if (typeof value === 'bigint') return { coefficient: value, exponent: 0 }
  return value instanceof Double ? exactDouble(value.value) : parseDecimal(value.toString())
}

function exactDouble(value: number): ExactNumber | undefined {
  if (!Number.isFinite(value)) return undefined
  let mantissa = value
  let twos = 0
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    twos += 1
  }
  // m / 2^k = m * 5^k / 10^k
  return { coefficient: BigInt(mantissa) * 5n ** BigInt(twos), exponent: -twos }
}

/** Reads decimal text such as `-1.50E+3`, or undefined for NaN and the infinities. */
export function parseDecimal(text: string): ExactNumber | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const coefficient = BigInt(whole + fraction)
  return {
    coefficient: sign === '-' ? -coefficient : coefficient,
    exponent: Number(exponent) - fraction.length,
  }
}

/** Compares exactly. */
export function compareExact(left: ExactNumber, right: ExactNumber): number {
  const leftSign = signOf(left.coefficient)
  const rightSign = signOf(right.coefficient)
  if (leftSign !== rightSign) return leftSign < rightSign ? -1 : 1
  const [a, b] = align(left, right)
  return a === b ? 0 : a < b ? -1 : 1
}

/** Adds exactly. */
export function addExact(left: ExactNumber, right: ExactNumber): ExactNumber {
  const [a, b] = align(left, right)
  return { coefficient: a + b, exponent: Math.min(left.exponent, right.exponent) }
}

/** Multiplies exactly. */
export function multiplyExact(left: ExactNumber, right: ExactNumber): ExactNumber {
  return {
    coefficient: left.coefficient * right.coefficient,
    exponent: left.exponent + right.exponent,
  }
}

/** Divides to 40 digits; the divisor must not be zero. */
export function divideExact(left: ExactNumber, right: ExactNumber): ExactNumber {
  const digits = BigInt(DECIMAL_DIGITS + 6) + BigInt(right.coefficient.toString().length)
  const quotient = (left.coefficient * 10n ** digits) / right.coefficient
  return trimZeros({
    coefficient: quotient,
    exponent: left.exponent - right.exponent - Number(digits),
  })
}

/** The remainder with the sign of the dividend; the divisor must not be zero. */
export function remainderExact(left: ExactNumber, right: ExactNumber): ExactNumber {
  const [a, b] = align(left, right)
  return { coefficient: a % b, exponent: Math.min(left.exponent, right.exponent) }
}

/** Rounds half to even at a decimal place; negative places round left of the point. */
export function roundExact(value: ExactNumber, places: number): ExactNumber {
  const drop = -places - value.exponent
  if (drop <= 0) return value
  return { coefficient: roundedQuotient(value.coefficient, 10n ** BigInt(drop)), exponent: -places }
}

/** Cuts at a decimal place towards zero. */
export function truncateExact(value: ExactNumber, places: number): ExactNumber {
  const drop = -places - value.exponent
  if (drop <= 0) return value
  return { coefficient: value.coefficient / 10n ** BigInt(drop), exponent: -places }
}

/** The whole number at or below. */
export function floorExact(value: ExactNumber): bigint {
  if (value.exponent >= 0) return value.coefficient * 10n ** BigInt(value.exponent)
  const unit = 10n ** BigInt(-value.exponent)
  const whole = value.coefficient / unit
  return value.coefficient < 0n && value.coefficient % unit !== 0n ? whole - 1n : whole
}

/** The nearest Decimal128, rounded half to even to 34 digits. */
export function toDecimal128(value: ExactNumber): Decimal128 {
  let { coefficient, exponent } = value
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().length
  if (digits > DECIMAL_DIGITS) {
    const drop = digits - DECIMAL_DIGITS
    coefficient = roundedQuotient(coefficient, 10n ** BigInt(drop))
    exponent += drop
  }
  return Decimal128.fromStringWithRounding(`${coefficient}E${exponent >= 0 ? '+' : ''}${exponent}`)
}

/** The nearest double. */
export function toDouble(value: ExactNumber): number {
  return Number(`${value.coefficient}e${value.exponent}`)
}

function roundedQuotient(value: bigint, unit: bigint): bigint {
  const quotient = value / unit
  const rest = value % unit
  const twice = (rest < 0n ? -rest : rest) * 2n
  const up = twice > unit || (twice === unit && quotient % 2n !== 0n)
  return up ? quotient + (value < 0n ? -1n : 1n) : quotient
}

function align(left: ExactNumber, right: ExactNumber): [bigint, bigint] {
  const exponent = Math.min(left.exponent, right.exponent)
  return [scale(left, exponent), scale(right, exponent)]
}

function scale(value: ExactNumber, exponent: number): bigint {
  return value.exponent === exponent
    ? value.coefficient
    : value.coefficient * 10n ** BigInt(value.exponent - exponent)
}

function trimZeros(value: ExactNumber): ExactNumber {
  let { coefficient, exponent } = value
  if (coefficient === 0n) return { coefficient, exponent: 0 }
  while (coefficient % 10n === 0n) {
    coefficient /= 10n
    exponent += 1
  }
  return { coefficient, exponent }
}

function signOf(value: bigint): number {
  return value === 0n ? 0 : value < 0n ? -1 : 1
}
