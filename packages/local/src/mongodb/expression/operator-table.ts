import { ARITHMETIC_OPERATORS } from './arithmetic-operators.ts'
import { ARRAY_EXPRESSIONS } from './array-expressions.ts'
import { COMPARISON_OPERATORS } from './comparison-operators.ts'
import { CONVERSION_OPERATORS } from './conversion-operators.ts'
import { DATE_OPERATORS } from './date-operators.ts'
import type { ExpressionOperator } from './expression.ts'
import { OBJECT_OPERATORS } from './object-operators.ts'
import { SET_OPERATORS } from './set-operators.ts'
import { STRING_OPERATORS } from './string-operators.ts'
import { VARIABLE_OPERATORS } from './variable-operators.ts'
import { REDUCING_OPERATORS } from './reducing-operators.ts'

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
  ]) {
    if (Object.hasOwn(table, name)) return table[name]
  }
  return undefined
}
