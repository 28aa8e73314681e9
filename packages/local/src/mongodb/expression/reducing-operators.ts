import type { BsonValue } from '../bson/value.ts'
import { ACCUMULATORS } from '../pipeline/accumulators.ts'
import { argumentsOf } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

/** An accumulator over the arguments, or over the elements of a single array. */
const reducing: ExpressionOperator = (operand, context) => {
  const args = argumentsOf(operand, context, 0, Infinity)
  return (environment) => {
    const values = args.map((argument) => argument(environment))
    const [only] = values
    const inputs: readonly (BsonValue | undefined)[] =
      values.length === 1 && Array.isArray(only) ? only : values
    const accumulator = ACCUMULATORS[context.name]?.(context.collation)
    for (const value of inputs) accumulator?.add(value)
    return accumulator?.result()
  }
}

/** Accumulators that also work on one document. */
export const REDUCING_OPERATORS: Record<string, ExpressionOperator> = {
  $sum: reducing,
  $avg: reducing,
  $min: reducing,
  $max: reducing,
  $stdDevPop: reducing,
  $stdDevSamp: reducing,
}
