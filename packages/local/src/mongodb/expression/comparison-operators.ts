import { compareValues } from '../bson/compare.ts'
import { isFalsy } from '../bson/value.ts'
import { argumentsOf, computed } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

function comparison(holds: (order: number) => boolean): ExpressionOperator {
  return computed(
    ([left, right], { collation }) => holds(compareValues(left, right, collation.order)),
    2,
  )
}

/** Comparison and boolean operators. */
export const COMPARISON_OPERATORS: Record<string, ExpressionOperator> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: computed(
    ([left, right], { collation }) => Math.sign(compareValues(left, right, collation.order)),
    2,
  ),
  $not: computed(([value]) => isFalsy(value), 1),
  $and: (operand, context) => {
    const args = argumentsOf(operand, context, 0, Infinity)
    return (environment) => args.every((argument) => !isFalsy(argument(environment)))
  },
  $or: (operand, context) => {
    const args = argumentsOf(operand, context, 0, Infinity)
    return (environment) => args.some((argument) => !isFalsy(argument(environment)))
  },
}
