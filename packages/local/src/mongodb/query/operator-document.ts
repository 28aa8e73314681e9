import { BSONRegExp } from 'bson'
import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { patternOf } from './regular-expression.ts'

/** Tells `{$gt: 1}` from an embedded document to compare with. */
export function isOperatorDocument(value: BsonValue): value is BsonDocument {
  if (!isDocument(value)) return false
  const first = Object.keys(value)[0]
  return first?.startsWith('$') === true && !['$ref', '$id', '$db'].includes(first)
}

/** The operand of an operator; a `$regex` takes its `$options` along. */
export function withOptions(operator: string, siblings: BsonDocument): BsonValue {
  const operand = siblings[operator] as BsonValue
  const options = siblings['$options']
  if (operator !== '$regex' || options === undefined) return operand
  if (typeof options !== 'string') throw new ServerError('BadValue', '$options has to be a string')
  const pattern = patternOf(operand)?.[0]
  if (pattern === undefined) throw new ServerError('BadValue', '$regex has to be a string')
  return new BSONRegExp(pattern, Array.from(options).sort().join(''))
}
