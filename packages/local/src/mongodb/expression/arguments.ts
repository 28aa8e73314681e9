import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Expression, ExpressionOperator, OperatorContext } from './expression.ts'

/** Computes a result from evaluated arguments. */
export type Computation = (
  args: readonly (BsonValue | undefined)[],
  context: OperatorContext,
) => BsonValue | undefined

/**
 * An operator that evaluates its arguments first.
 *
 * @param least Fewest arguments. @param most Most arguments; the same number by default.
 */
export function computed(compute: Computation, least: number, most = least): ExpressionOperator {
  return (operand, context) => {
    const args = argumentsOf(operand, context, least, most)
    return (environment) =>
      compute(
        args.map((argument) => argument(environment)),
        context,
      )
  }
}

/** Compiles the arguments of an operator; one argument may come without an array. */
export function argumentsOf(
  operand: BsonValue,
  context: OperatorContext,
  least: number,
  most: number,
): Expression[] {
  const sources = Array.isArray(operand) ? operand : [operand]
  if (sources.length < least || sources.length > most) {
    const wanted =
      least === most
        ? `exactly ${least} arguments`
        : `at least ${least} arguments, and at most ${most}`
    throw new ServerError(
      16020,
      `Expression ${context.name} takes ${wanted}. ${sources.length} were passed in.`,
    )
  }
  return sources.map((item) => context.compile(item))
}

/** An operator with named arguments. */
export function namedArguments(
  required: readonly string[],
  optional: readonly string[],
  compute: (
    args: Record<string, BsonValue | undefined>,
    context: OperatorContext,
  ) => BsonValue | undefined,
): ExpressionOperator {
  return (operand, context) => {
    const fields = fieldsOf(operand, context.name, required, optional)
    const compiled = Object.keys(fields).map(
      (name) => [name, context.compile(fields[name] as BsonValue)] as const,
    )
    return (environment) =>
      compute(
        Object.fromEntries(compiled.map(([name, field]) => [name, field(environment)])),
        context,
      )
  }
}

/** Checks the names of named arguments. */
export function fieldsOf(
  operand: BsonValue,
  name: string,
  required: readonly string[],
  optional: readonly string[],
): BsonDocument {
  if (!isDocument(operand)) {
    throw new ServerError('FailedToParse', `${name} only supports an object as its argument`)
  }
  for (const field of Object.keys(operand)) {
    if (!required.includes(field) && !optional.includes(field)) {
      throw new ServerError('FailedToParse', `Unrecognized argument to ${name}: ${field}`)
    }
  }
  for (const field of required) {
    if (!(field in operand))
      throw new ServerError('FailedToParse', `Missing '${field}' parameter to ${name}`)
  }
  return operand
}

/** Null and missing, which most operators answer with null. */
export function isNullish(value: BsonValue | undefined): value is null | undefined {
  return value === null || value === undefined
}
