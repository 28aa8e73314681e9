import { Decimal128, Double } from 'bson'
import { addNumbers, fitInteger, multiplyNumbers, negateNumber } from '../bson/arithmetic.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import { compareNumbers } from '../bson/compare-numbers.ts'
import {
  divideExact,
  exactNumberOf,
  floorExact,
  remainderExact,
  roundExact,
  toDecimal128,
  toDouble,
  truncateExact,
} from '../bson/exact-number.ts'
import { isNumeric, toNumber, type BsonNumber, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { computed, isNullish } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

function numberFor(name: string, value: BsonValue | undefined): BsonNumber {
  if (isNumeric(value)) return value
  throw new ServerError(
    'TypeMismatch',
    `${name} only supports numeric types, not ${typeNameOf(value)}`,
  )
}

/** An operator on one number that answers null for null. */
function unary(compute: (value: BsonNumber) => BsonNumber, name: string): ExpressionOperator {
  return computed(([value]) => (isNullish(value) ? null : compute(numberFor(name, value))), 1)
}

function binary(
  compute: (left: BsonNumber, right: BsonNumber) => BsonNumber,
  name: string,
): ExpressionOperator {
  return computed(
    ([left, right]) =>
      isNullish(left) || isNullish(right)
        ? null
        : compute(numberFor(name, left), numberFor(name, right)),
    2,
  )
}

/** A function of doubles; a decimal operand is refused rather than computed imprecisely. */
function transcendental(name: string, compute: (value: number) => number): ExpressionOperator {
  return unary((value) => {
    if (value instanceof Decimal128) {
      throw new ServerError(
        'CommandNotSupported',
        `${name} of a Decimal128 is not supported by the development server`,
      )
    }
    return new Double(compute(toNumber(value)))
  }, name)
}

function add(args: readonly (BsonValue | undefined)[]): BsonValue {
  let date: Date | undefined
  let sum: BsonNumber = 0
  for (const value of args) {
    if (isNullish(value)) return null
    if (value instanceof Date) {
      if (date) throw new ServerError(16612, 'only one date allowed in an $add expression')
      date = value
    } else sum = addNumbers(sum, numberFor('$add', value), 'to-double')
  }
  return date ? new Date(date.getTime() + Math.trunc(toNumber(sum))) : sum
}

function subtract([left, right]: readonly (BsonValue | undefined)[]): BsonValue {
  if (isNullish(left) || isNullish(right)) return null
  if (left instanceof Date && right instanceof Date) return BigInt(left.getTime() - right.getTime())
  const number = numberFor('$subtract', right)
  if (left instanceof Date) return new Date(left.getTime() - Math.trunc(toNumber(number)))
  return addNumbers(numberFor('$subtract', left), negateNumber(number), 'to-double')
}

function divide(left: BsonNumber, right: BsonNumber): BsonNumber {
  if (toNumber(right) === 0) throw new ServerError('BadValue', "can't $divide by zero")
  if (!(left instanceof Decimal128) && !(right instanceof Decimal128)) {
    return new Double(toNumber(left) / toNumber(right))
  }
  const [a, b] = [exactNumberOf(left), exactNumberOf(right)]
  return a && b ? toDecimal128(divideExact(a, b)) : Decimal128.fromString('NaN')
}

function modulo(left: BsonNumber, right: BsonNumber): BsonNumber {
  if (toNumber(right) === 0) throw new ServerError(16610, "can't $mod by zero")
  const [a, b] = [exactNumberOf(left), exactNumberOf(right)]
  if (!a || !b) return new Double(toNumber(left) % toNumber(right))
  const rest = remainderExact(a, b)
  if (left instanceof Decimal128 || right instanceof Decimal128) return toDecimal128(rest)
  if (left instanceof Double || right instanceof Double) return new Double(toDouble(rest))
  return fitInteger(rest.coefficient, typeof left === 'bigint' || typeof right === 'bigint')
}

function power(base: BsonNumber, exponent: BsonNumber): BsonNumber {
  const whole = isInteger(base) && isInteger(exponent) && toNumber(exponent) >= 0
  if (whole)
    return fitInteger(
      BigInt(base) ** BigInt(exponent),
      typeof base === 'bigint' || typeof exponent === 'bigint',
    )
  if (base instanceof Decimal128 || exponent instanceof Decimal128) {
    throw new ServerError(
      'CommandNotSupported',
      '$pow of a Decimal128 is not supported by the development server',
    )
  }
  if (toNumber(base) === 0 && toNumber(exponent) < 0)
    throw new ServerError(28764, '$pow cannot take a base of 0 and a negative exponent')
  return new Double(toNumber(base) ** toNumber(exponent))
}

function isInteger(value: BsonNumber): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Rounds with the rule of the operator and keeps the type. */
function rounding(value: BsonNumber, places: number, round: typeof roundExact): BsonNumber {
  const exact = exactNumberOf(value)
  if (!exact) return value
  const rounded = round(exact, places)
  if (value instanceof Decimal128) return toDecimal128(rounded)
  if (value instanceof Double) return new Double(toDouble(rounded))
  const whole = rounded.coefficient * 10n ** BigInt(Math.max(0, rounded.exponent))
  return fitInteger(whole, typeof value === 'bigint')
}

function placesOperator(name: string, round: typeof roundExact): ExpressionOperator {
  return computed(
    ([value, places = 0]) => {
      if (isNullish(value) || isNullish(places)) return null
      return rounding(numberFor(name, value), toNumber(numberFor(name, places)), round)
    },
    1,
    2,
  )
}

function toWhole(value: BsonNumber, ceiling: boolean): BsonNumber {
  const exact = exactNumberOf(value)
  if (!exact || isInteger(value)) return value
  const whole = ceiling
    ? -floorExact({ ...exact, coefficient: -exact.coefficient })
    : floorExact(exact)
  if (value instanceof Double)
    return new Double(ceiling ? Math.ceil(value.value) : Math.floor(value.value))
  return toDecimal128({ coefficient: whole, exponent: 0 })
}

/** Operators on numbers. */
export const ARITHMETIC_OPERATORS: Record<string, ExpressionOperator> = {
  $add: computed(add, 0, Infinity),
  $subtract: computed(subtract, 2),
  $multiply: computed(
    (args) =>
      args.some(isNullish)
        ? null
        : args.reduce<BsonNumber>(
            (product, value) =>
              multiplyNumbers(product, numberFor('$multiply', value), 'to-double'),
            1,
          ),
    0,
    Infinity,
  ),
  $divide: binary(divide, '$divide'),
  $mod: binary(modulo, '$mod'),
  $pow: binary(power, '$pow'),
  $abs: unary((value) => (compareNumbers(value, 0) < 0 ? negateNumber(value) : value), '$abs'),
  $ceil: unary((value) => toWhole(value, true), '$ceil'),
  $floor: unary((value) => toWhole(value, false), '$floor'),
  $round: placesOperator('$round', roundExact),
  $trunc: placesOperator('$trunc', truncateExact),
  $sqrt: transcendental('$sqrt', (value) => {
    if (value < 0)
      throw new ServerError(28714, "$sqrt's argument must be greater than or equal to 0")
    return Math.sqrt(value)
  }),
  $exp: transcendental('$exp', Math.exp),
  $ln: transcendental('$ln', Math.log),
  $log10: transcendental('$log10', Math.log10),
  $log: binary(
    (value, base) => new Double(Math.log(toNumber(value)) / Math.log(toNumber(base))),
    '$log',
  ),
  $sin: transcendental('$sin', Math.sin),
  $cos: transcendental('$cos', Math.cos),
  $tan: transcendental('$tan', Math.tan),
  $sinh: transcendental('$sinh', Math.sinh),
  $cosh: transcendental('$cosh', Math.cosh),
  $tanh: transcendental('$tanh', Math.tanh),
  $asinh: transcendental('$asinh', Math.asinh),
  $acosh: transcendental('$acosh', Math.acosh),
  $atanh: transcendental('$atanh', Math.atanh),
  $asin: transcendental('$asin', Math.asin),
  $acos: transcendental('$acos', Math.acos),
  $atan: transcendental('$atan', Math.atan),
  $atan2: binary((y, x) => new Double(Math.atan2(toNumber(y), toNumber(x))), '$atan2'),
  $degreesToRadians: transcendental('$degreesToRadians', (value) => (value * Math.PI) / 180),
  $radiansToDegrees: transcendental('$radiansToDegrees', (value) => (value * 180) / Math.PI),
  $rand: computed(() => new Double(Math.random()), 0, 1),
}
