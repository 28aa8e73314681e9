import { ARITHMETIC_OPERATORS } from './arithmetic-operators.ts'
import { ARRAY_EXPRESSIONS } from './array-expressions.ts'
import { BIT_OPERATORS } from './bit-operators.ts'
import { COMPARISON_OPERATORS } from './comparison-operators.ts'
import { CONVERSION_OPERATORS } from './conversion-operators.ts'
import { DATE_OPERATORS } from './date-operators.ts'
import type { ExpressionOperator } from './expression.ts'
import { OBJECT_OPERATORS } from './object-operators.ts'
import { SET_OPERATORS } from './set-operators.ts'
import { STRING_OPERATORS } from './string-operators.ts'
import { VARIABLE_OPERATORS } from './variable-operators.ts'
import { REDUCING_OPERATORS } from './reducing-operators.ts'

/** Operators the server has and this one has not. */
const NOT_SUPPORTED = new Set([
  '$dateFromString',
  '$dateToParts',
  '$function',
  '$median',
  '$meta',
  '$percentile',
  '$sampleRate',
  '$toHashedIndexKey',
  '$toUUID',
])

/** True for an operator that is known by name only. */
export function isKnownOperator(name: string): boolean {
  return NOT_SUPPORTED.has(name)
}

/** The operator with a name, if the server has it. */
export function operatorNamed(name: string): ExpressionOperator | undefined {
  for (const table of [
    COMPARISON_OPERATORS,
    ARITHMETIC_OPERATORS,
    VARIABLE_OPERATORS,
    ARRAY_EXPRESSIONS,
    STRING_OPERATORS,
    OBJECT_OPERATORS,
    SET_OPERATORS,
    CONVERSION_OPERATORS,
    DATE_OPERATORS,
    REDUCING_OPERATORS,
    BIT_OPERATORS,
  ]) {
    if (Object.hasOwn(table, name)) return table[name]
  }
  return undefined
}
