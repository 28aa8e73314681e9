import { plainText } from '../bson/print-value.ts'
import { Decimal128, Double, ObjectId } from 'bson'
import { typeNameOf } from '../bson/bson-type.ts'
import {
  exactNumberOf,
  parseDecimal,
  roundExact,
  toDecimal128,
  truncateExact,
} from '../bson/exact-number.ts'
import {
  isDocument,
  isFalsy,
  isNumeric,
  toNumber,
  type BsonNumber,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { computed, isNullish, namedArguments } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'
import { textOf } from './string-operators.ts'

type Target = 'double' | 'string' | 'objectId' | 'bool' | 'date' | 'int' | 'long' | 'decimal'

function failure(value: BsonValue, target: string, detail = ''): ServerError {
  return new ServerError(
    241,
    `Failed to convert ${typeNameOf(value)} to ${target} in $convert with no onError value${detail}`,
  )
}

function wholeNumber(value: BsonValue, target: 'int' | 'long'): BsonNumber {
  const exact =
    typeof value === 'boolean'
      ? { coefficient: value ? 1n : 0n, exponent: 0 }
      : value instanceof Date
        ? { coefficient: BigInt(value.getTime()), exponent: 0 }
        : typeof value === 'string'
          ? /^[+-]?\d+$/.test(value)
            ? parseDecimal(value)
            : undefined
          : isNumeric(value)
            ? exactNumberOf(value)
            : undefined
  if (!exact || (value instanceof Date && target === 'int')) throw failure(value, target)
  const cut = truncateExact(exact, 0)
  const whole = cut.coefficient * 10n ** BigInt(Math.max(0, cut.exponent))
  const bits = target === 'int' ? 32 : 64
  if (BigInt.asIntN(bits, whole) !== whole) throw failure(value, target, ': the number overflows')
  return target === 'int' ? Number(whole) : whole
}

function toDoubleValue(value: BsonValue): BsonValue {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0)
  if (value instanceof Date) return new Double(value.getTime())
  if (isNumeric(value)) return new Double(toNumber(value))
  const number =
    typeof value === 'string' && value.trim() === value && value !== '' ? Number(value) : NaN
  if (Number.isNaN(number)) throw failure(value, 'double')
  return new Double(number)
}

function toDecimalValue(value: BsonValue): BsonValue {
  if (value instanceof Decimal128) return value
  if (typeof value === 'string') {
    const exact = parseDecimal(value)
    if (!exact) throw failure(value, 'decimal')
    return Decimal128.fromString(value)
  }
  const source =
    typeof value === 'boolean'
      ? Number(value)
      : value instanceof Date
        ? BigInt(value.getTime())
        : value
  const exact = isNumeric(source) ? exactNumberOf(source) : undefined
  if (!exact) throw failure(value, 'decimal')
  // A double is converted with the 15 digits it surely has.
  return source instanceof Double
    ? Decimal128.fromString(String(Number(source.value.toPrecision(15))))
    : toDecimal128(exact)
}

function toDate(value: BsonValue): BsonValue {
  if (value instanceof Date) return value
  if (value instanceof ObjectId) return value.getTimestamp()
  if (typeof value === 'string') {
    const zoned = /[zZ]|[+-]\d{2}:?\d{2}$/.test(value) || !value.includes('T') ? value : `${value}Z`
    const date = new Date(zoned)
    if (!Number.isNaN(date.getTime())) return date
  }
  const isTime = isNumeric(value) && typeof value !== 'number'
  const exact = isTime ? exactNumberOf(value) : undefined
  if (!exact) throw failure(value, 'date')
  return new Date(toNumber(toDecimal128(roundExact(exact, 0))))
}

function toText(value: BsonValue): BsonValue {
  if (typeof value === 'boolean') return String(value)
  if (value instanceof ObjectId) return value.toHexString()
  if (Array.isArray(value) || isDocument(value)) throw failure(value, 'string')
  return textOf('$toString', value)
}

function toId(value: BsonValue): BsonValue {
  if (value instanceof ObjectId) return value
  if (typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value)
  throw failure(value, 'objectId')
}

const CONVERSIONS: Record<Target, (value: BsonValue) => BsonValue> = {
  int: (value) => wholeNumber(value, 'int'),
  long: (value) => wholeNumber(value, 'long'),
  double: toDoubleValue,
  decimal: toDecimalValue,
  bool: (value) => !isFalsy(value),
  date: toDate,
  string: toText,
  objectId: toId,
}

const CODES: Record<number, Target> = {
  1: 'double',
  2: 'string',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  16: 'int',
  18: 'long',
  19: 'decimal',
}

function conversion(target: Target): ExpressionOperator {
  return computed(([value]) => (isNullish(value) ? null : CONVERSIONS[target](value)), 1)
}

/** Operators on types. */
export const CONVERSION_OPERATORS: Record<string, ExpressionOperator> = {
  $type: computed(([value]) => typeNameOf(value), 1),
  $isNumber: computed(([value]) => isNumeric(value), 1),
  $toInt: conversion('int'),
  $toLong: conversion('long'),
  $toDouble: conversion('double'),
  $toDecimal: conversion('decimal'),
  $toBool: conversion('bool'),
  $toDate: conversion('date'),
  $toString: conversion('string'),
  $toObjectId: conversion('objectId'),
  $convert: namedArguments(
    ['input', 'to'],
    ['onError', 'onNull', 'format'],
    ({ input, to, onError, onNull }) => {
      if (isNullish(input)) return onNull ?? null
      const target = isNumeric(to) ? CODES[toNumber(to)] : (to as Target)
      if (!target || !Object.hasOwn(CONVERSIONS, target)) {
        throw new ServerError('BadValue', `Unknown type name: ${plainText(to)}`)
      }
      try {
        return CONVERSIONS[target](input)
      } catch (cause) {
        if (onError === undefined || !(cause instanceof ServerError)) throw cause
        return onError
      }
    },
  ),
}
