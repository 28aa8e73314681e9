import { Decimal128, Double, MaxKey, MinKey } from 'bson'
import { typeOrderOf } from '../bson/bson-type.ts'
import { compareValues, equalValues, type TextOrder } from '../bson/compare.ts'
import { encodeKey } from '../bson/key-encoding.ts'
import type { BsonValue } from '../bson/value.ts'
import type { Collation } from './collation.ts'
import type { ValueTest } from './path-values.ts'

/** The four operators that compare by order. */
export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte'

/** Tests equality; null also equals missing. */
export function equalityTest(operand: BsonValue, textOrder: TextOrder): ValueTest {
  if (operand === null) return (value) => value === undefined || value === null
  return (value) => value !== undefined && equalValues(value, operand, textOrder)
}

/** Tests order, within the type of the operand only. */
export function rangeTest(
  operator: RangeOperator,
  operand: BsonValue,
  order: TextOrder,
): ValueTest {
  const inclusive = operator === '$gte' || operator === '$lte'
  const sign = operator === '$gt' || operator === '$gte' ? 1 : -1
  if (operand === null) return inclusive ? equalityTest(null, order) : () => false
  if (operand instanceof MinKey || operand instanceof MaxKey) {
    return (value) => {
      const result = compareValues(value ?? null, operand, order) * sign
      return result > 0 || (inclusive && result === 0)
    }
  }
  if (isNaN(operand)) return inclusive ? (value) => isNaN(value) : () => false
  const type = typeOrderOf(operand)
  return (value) => {
    if (value === undefined || typeOrderOf(value) !== type || isNaN(value)) return false
    const result = compareValues(value, operand, order) * sign
    return result > 0 || (inclusive && result === 0)
  }
}

/** Tests membership; long lists are looked up by key. */
export function membershipTest(items: readonly BsonValue[], collation: Collation): ValueTest {
  if (items.length <= 8) {
    const tests = items.map((item) => equalityTest(item, collation.order))
    return (value) => tests.some((test) => test(value))
  }
  const keys = new Set(items.map((item) => keyText(item, collation)))
  const hasNull = items.includes(null)
  return (value) => (value === undefined ? hasNull : keys.has(keyText(value, collation)))
}

function keyText(value: BsonValue, collation: Collation): string {
  return encodeKey(value, collation.key).toString('latin1')
}

function isNaN(value: BsonValue | undefined): boolean {
  if (value instanceof Double) return Number.isNaN(value.value)
  return value instanceof Decimal128 && value.toString() === 'NaN'
}
