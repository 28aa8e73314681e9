import { encodeDocument } from '../bson/encode.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import { fieldOf, isDocument, setField, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { computed, isNullish, namedArguments } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

function merged(args: readonly (BsonValue | undefined)[]): BsonValue {
  const inputs = args.length === 1 && Array.isArray(args[0]) ? args[0] : args
  const result: BsonDocument = {}
  for (const input of inputs) {
    if (isNullish(input)) continue
    if (!isDocument(input))
      throw new ServerError(
        40400,
        `$mergeObjects requires object inputs, but input is of type ${typeNameOf(input)}`,
      )
    for (const name of Object.keys(input)) setField(result, name, input[name] as BsonValue)
  }
  return result
}

function withField(args: Record<string, BsonValue | undefined>): BsonValue | undefined {
  const { input, field, value } = args
  if (isNullish(input)) return null
  if (!isDocument(input) || typeof field !== 'string')
    throw new ServerError(4161105, '$setField requires an object and a text field')
  const { [field]: _, ...rest } = input
  return value === undefined ? rest : { ...input, [field]: value }
}

/** Operators on documents. */
export const OBJECT_OPERATORS: Record<string, ExpressionOperator> = {
  $mergeObjects: computed(merged, 0, Infinity),
  $objectToArray: computed(([value]) => {
    if (isNullish(value)) return null
    if (isDocument(value)) return Object.keys(value).map((k) => ({ k, v: value[k] as BsonValue }))
    throw new ServerError(
      40390,
      `$objectToArray requires a document input, found: ${typeNameOf(value)}`,
    )
  }, 1),
  $getField: (operand, context) => {
    const spec =
      isDocument(operand) && 'field' in operand ? operand : { field: operand, input: '$$CURRENT' }
    return namedArguments(['field', 'input'], [], ({ field, input }) => {
      if (typeof field !== 'string')
        throw new ServerError(3041704, "$getField requires 'field' to evaluate to type String")
      return isDocument(input) ? fieldOf(input, field) : isNullish(input) ? null : undefined
    })({ input: '$$CURRENT', ...spec }, context)
  },
  $setField: namedArguments(['field', 'input', 'value'], [], withField),
  $unsetField: namedArguments(['field', 'input'], [], (args) =>
    withField({ ...args, value: undefined }),
  ),
  $bsonSize: computed(([value]) => {
    if (isNullish(value)) return null
    if (isDocument(value)) return encodeDocument(value).length
    throw new ServerError(31393, `$bsonSize requires a document input, found: ${typeNameOf(value)}`)
  }, 1),
}
