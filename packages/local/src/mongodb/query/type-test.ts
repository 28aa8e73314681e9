import { BSON_TYPE, typeNameOf, type BsonTypeName } from '../bson/bson-type.ts'
import { isNumeric, toNumber, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { ValueTest } from './path-values.ts'

const NUMBER_TYPES: readonly BsonTypeName[] = ['int', 'long', 'double', 'decimal']

/**
 * Reads the operand of `$type`: aliases or codes, one or several.
 *
 * @throws {ServerError} An alias or code is unknown.
 */
export function typeTest(operand: BsonValue, operator = '$type'): ValueTest {
  const names = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(namesOf))
  if (names.size === 0)
    throw new ServerError('FailedToParse', `${operator} must match at least one type`)
  return (value) => names.has(typeNameOf(value) as BsonTypeName)
}

function namesOf(operand: BsonValue): readonly BsonTypeName[] {
  if (typeof operand === 'string') {
    if (operand === 'number') return NUMBER_TYPES
    if (Object.hasOwn(BSON_TYPE, operand)) return [operand as BsonTypeName]
    throw new ServerError('BadValue', `Unknown type name alias: ${operand}`)
  }
  if (!isNumeric(operand)) {
    throw new ServerError('TypeMismatch', 'type must be represented as a number or a string')
  }
  const code = toNumber(operand)
  const name = Object.entries(BSON_TYPE).find(([, value]) => value === code)?.[0]
  if (name === undefined) {
    throw new ServerError('BadValue', `Invalid numerical type code: ${code}`)
  }
  return [name as BsonTypeName]
}
