import { Binary, Decimal128, Double } from 'bson'
import { isNumeric, toNumber, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { ValueTest } from './path-values.ts'

/** The four operators that look at bits. */
export type BitOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear'

/** Tells the operators on bits from others. */
export function isBitOperator(operator: string): operator is BitOperator {
  return /^\$bits(All|Any)(Set|Clear)$/.test(operator)
}

/**
 * Tests bits of whole numbers and binary data.
 *
 * @throws {ServerError} The operand is no bit mask.
 */
export function bitTest(operator: BitOperator, operand: BsonValue): ValueTest {
  const positions = positionsOf(operator, operand)
  const wanted = operator.endsWith('Set')
  const all = operator.startsWith('$bitsAll')
  return (value) => {
    const bitAt = bitsOf(value)
    if (!bitAt) return false
    const matches = (position: number) => bitAt(position) === wanted
    return all ? positions.every(matches) : positions.some(matches)
  }
}

function positionsOf(operator: string, operand: BsonValue): number[] {
  if (Array.isArray(operand)) {
    return operand.map((item) => {
      const position = isNumeric(item) ? toNumber(item) : -1
      if (Number.isInteger(position) && position >= 0) return position
      throw new ServerError('BadValue', `${operator} takes an array of bit positions from 0`)
    })
  }
  const bitAt = bitsOf(operand)
  if (!bitAt || (isNumeric(operand) && toNumber(operand) < 0)) {
    throw new ServerError(
      'BadValue',
      `${operator} takes an Array, a number, or a BinData but received another type`,
    )
  }
  const length = operand instanceof Binary ? operand.position * 8 : 63
  return Array.from({ length }, (_, position) => position).filter(bitAt)
}

function bitsOf(value: BsonValue | undefined): ((position: number) => boolean) | undefined {
  if (value instanceof Binary) {
    return (position) => (((value.buffer[position >> 3] ?? 0) >> (position & 7)) & 1) === 1
  }
  if (!isNumeric(value) || value instanceof Decimal128) return undefined
  const number = value instanceof Double ? value.value : value
  if (typeof number === 'number' && !Number.isSafeInteger(number)) return undefined
  const bits = BigInt(number)
  // Negative numbers go on with ones for ever.
  return (position) => ((bits >> BigInt(position)) & 1n) === 1n
}
