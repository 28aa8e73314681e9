import { equalValues } from '../bson/compare.ts'
import { isDocument, isFalsy, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { argumentsOf, fieldsOf, isNullish } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'
import { assertVariableName, withVariables } from './variables.ts'

/** Conditions, variables and literals. */
export const VARIABLE_OPERATORS: Record<string, ExpressionOperator> = {
  $literal: (operand) => () => operand,
  $expr: (operand, context) => context.compile(operand),
  $cond: (operand, context) => {
    const source = Array.isArray(operand) ? namedCondition(operand) : operand
    const fields = fieldsOf(source, '$cond', ['if', 'then', 'else'], [])
    const condition = context.compile(fields['if'] as BsonValue)
    const whenTrue = context.compile(fields['then'] as BsonValue)
    const whenFalse = context.compile(fields['else'] as BsonValue)
    return (environment) => (isFalsy(condition(environment)) ? whenFalse : whenTrue)(environment)
  },
  $ifNull: (operand, context) => {
    const args = argumentsOf(operand, context, 2, Infinity)
    return (environment) => {
      let value: BsonValue | undefined
      for (const argument of args) {
        value = argument(environment)
        if (!isNullish(value)) return value
      }
      return value
    }
  },
  $switch: (operand, context) => {
    const fields = fieldsOf(operand, '$switch', ['branches'], ['default'])
    const branches = (fields['branches'] as BsonDocument[]).map((branch) => {
      const { case: when, then } = fieldsOf(branch, '$switch', ['case', 'then'], [])
      return [context.compile(when as BsonValue), context.compile(then as BsonValue)] as const
    })
    const otherwise =
      fields['default'] === undefined ? undefined : context.compile(fields['default'])
    return (environment) => {
      for (const [when, then] of branches) if (!isFalsy(when(environment))) return then(environment)
      if (otherwise) return otherwise(environment)
      throw new ServerError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      )
    }
  },
  $let: (operand, context) => {
    const fields = fieldsOf(operand, '$let', ['vars', 'in'], [])
    const vars = isDocument(fields['vars']) ? fields['vars'] : {}
    const compiled = Object.keys(vars).map((name) => {
      assertVariableName(name)
      return [name, context.compile(vars[name] as BsonValue)] as const
    })
    const body = context.compile(fields['in'] as BsonValue, Object.keys(vars))
    return (environment) =>
      body(
        withVariables(
          environment,
          Object.fromEntries(compiled.map(([name, value]) => [name, value(environment)])),
        ),
      )
  },
  $map: (operand, context) => {
    const fields = fieldsOf(operand, '$map', ['input', 'in'], ['as'])
    const input = context.compile(fields['input'] as BsonValue)
    const name = typeof fields['as'] === 'string' ? fields['as'] : 'this'
    const body = context.compile(fields['in'] as BsonValue, [name])
    return (environment) => {
      const items = listFor('$map', input(environment))
      return (
        items && items.map((item) => body(withVariables(environment, { [name]: item })) ?? null)
      )
    }
  },
  $filter: (operand, context) => {
    const fields = fieldsOf(operand, '$filter', ['input', 'cond'], ['as', 'limit'])
    const input = context.compile(fields['input'] as BsonValue)
    const name = typeof fields['as'] === 'string' ? fields['as'] : 'this'
    const condition = context.compile(fields['cond'] as BsonValue, [name])
    const limit = fields['limit'] === undefined ? undefined : context.compile(fields['limit'])
    return (environment) => {
      const items = listFor('$filter', input(environment))
      const kept =
        items &&
        items.filter((item) => !isFalsy(condition(withVariables(environment, { [name]: item }))))
      const most = limit?.(environment)
      return kept && !isNullish(most) ? kept.slice(0, Number(most)) : kept
    }
  },
  $reduce: (operand, context) => {
    const fields = fieldsOf(operand, '$reduce', ['input', 'initialValue', 'in'], [])
    const input = context.compile(fields['input'] as BsonValue)
    const initial = context.compile(fields['initialValue'] as BsonValue)
    const body = context.compile(fields['in'] as BsonValue, ['value', 'this'])
    return (environment) => {
      const items = listFor('$reduce', input(environment))
      return (
        items &&
        items.reduce<BsonValue | undefined>(
          (value, item) => body(withVariables(environment, { value, this: item })),
          initial(environment),
        )
      )
    }
  },
  $in: (operand, context) => {
    const [value, list] = argumentsOf(operand, context, 2, 2)
    return (environment) => {
      const items = list?.(environment)
      if (!Array.isArray(items))
        throw new ServerError(40081, '$in requires an array as a second argument')
      const wanted = value?.(environment)
      return items.some((item) => equalValues(item, wanted, context.collation.order))
    }
  },
}

function namedCondition(operand: BsonValue[]): BsonDocument {
  if (operand.length !== 3) {
    throw new ServerError(
      16020,
      `Expression $cond takes exactly 3 arguments. ${operand.length} were passed in.`,
    )
  }
  return { if: operand[0], then: operand[1], else: operand[2] }
}

function listFor(name: string, value: BsonValue | undefined): BsonValue[] | null {
  if (isNullish(value)) return null
  if (Array.isArray(value)) return value
  throw new ServerError(16883, `input to ${name} must be an array`)
}
