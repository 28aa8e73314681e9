import { Binary, Timestamp } from 'bson'
import { typeNameOf } from '../bson/bson-type.ts'
import type { BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { computed, isNullish } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

function wholeFor(name: string, value: BsonValue | undefined): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  throw new ServerError(
    'TypeMismatch',
    `${name} only supports int and long, not: ${typeNameOf(value)}`,
  )
}

/** Bits of whole numbers; the result is an int64 as soon as one operand is. */
function bits(
  name: string,
  identity: bigint,
  combine: (left: bigint, right: bigint) => bigint,
): ExpressionOperator {
  return computed(
    (args) => {
      if (args.some(isNullish)) return null
      const numbers = args.map((value) => wholeFor(name, value))
      const result = numbers.reduce<bigint>((all, value) => combine(all, BigInt(value)), identity)
      const isLong = numbers.some((value) => typeof value === 'bigint')
      return isLong ? BigInt.asIntN(64, result) : Number(BigInt.asIntN(32, result))
    },
    0,
    Infinity,
  )
}

function timestampPart(name: string, read: (value: Timestamp) => number): ExpressionOperator {
  return computed(([value]) => {
    if (isNullish(value)) return null
    if (value instanceof Timestamp) return BigInt(read(value))
    throw new ServerError(
      5687301,
      `Argument to ${name} must be a timestamp, but is ${typeNameOf(value)}`,
    )
  }, 1)
}

/** Operators on bits, bytes and timestamps. */
export const BIT_OPERATORS: Record<string, ExpressionOperator> = {
  $bitAnd: bits('$bitAnd', -1n, (left, right) => left & right),
  $bitOr: bits('$bitOr', 0n, (left, right) => left | right),
  $bitXor: bits('$bitXor', 0n, (left, right) => left ^ right),
  $bitNot: computed(([value]) => {
    if (isNullish(value)) return null
    const number = wholeFor('$bitNot', value)
    return typeof number === 'bigint' ? ~number : ~number
  }, 1),
  $binarySize: computed(([value]) => {
    if (isNullish(value)) return null
    if (typeof value === 'string') return Buffer.byteLength(value)
    if (value instanceof Binary) return value.position
    throw new ServerError(
      51276,
      `$binarySize requires a string or BinData argument, found: ${typeNameOf(value)}`,
    )
  }, 1),
  $tsSecond: timestampPart('$tsSecond', ({ t }) => t),
  $tsIncrement: timestampPart('$tsIncrement', ({ i }) => i),
}
