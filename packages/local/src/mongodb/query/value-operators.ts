import { BSONRegExp, BSONSymbol } from 'bson'
import { equalValues } from '../bson/compare.ts'
import { remainderExact, exactNumberOf } from '../bson/exact-number.ts'
import {
  isDocument,
  isFalsy,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { bitTest, isBitOperator } from './bit-test.ts'
import { equalityTest, membershipTest, rangeTest, type RangeOperator } from './comparison-tests.ts'
import type { MatchContext, ValueCondition } from './match-node.ts'
import { isOperatorDocument, withOptions } from './operator-document.ts'
import type { ValueTest } from './path-values.ts'
import { compilePattern, patternOf } from './regular-expression.ts'
import { typeTest } from './type-test.ts'

/**
 * Compiles one operator of a field.
 *
 * @throws {ServerError} The operator is unknown or its operand is wrong.
 */
export function compileOperator(
  operator: string,
  operand: BsonValue,
  context: MatchContext,
): ValueCondition {
  const { order } = context.collation
  switch (operator) {
    case '$eq':
      return { test: equalityTest(operand, order), leafElements: true }
    case '$ne':
      return { test: equalityTest(operand, order), leafElements: true, negated: true }
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return {
        test: rangeTest(operator satisfies RangeOperator, operand, order),
        leafElements: true,
      }
    case '$in':
      return { test: listTest(operator, operand, context), leafElements: true }
    case '$nin':
      return { test: listTest(operator, operand, context), leafElements: true, negated: true }
    case '$exists':
      return {
        test: (value) => value !== undefined,
        leafElements: false,
        negated: isFalsy(operand),
      }
    case '$type':
      return { test: typeTest(operand), leafElements: true }
    case '$not':
      return notCondition(operand, context)
    case '$regex':
      return { test: regexTest(operand), leafElements: true }
    case '$mod':
      return { test: moduloTest(operand), leafElements: true }
    case '$size':
      return { test: sizeTest(operand), leafElements: false }
    case '$all':
      return allCondition(operand, context)
    case '$elemMatch':
      return elementCondition(operand, context)
    default:
      if (isBitOperator(operator)) return { test: bitTest(operator, operand), leafElements: true }
      throw unknownOperator(operator)
  }
}

function unknownOperator(operator: string): ServerError {
  switch (operator) {
    case '$near':
    case '$nearSphere':
    case '$geoWithin':
    case '$geoIntersects':
      return new ServerError(
        'CommandNotSupported',
        `${operator} is not supported by the development server`,
      )
    default:
      return new ServerError('BadValue', `unknown operator: ${operator}`)
  }
}

function listTest(operator: string, operand: BsonValue, context: MatchContext): ValueTest {
  if (!Array.isArray(operand)) throw new ServerError('BadValue', `${operator} needs an array`)
  const patterns = operand.filter((item) => item instanceof BSONRegExp)
  if (operand.some((item) => isOperatorDocument(item))) {
    throw new ServerError('BadValue', `cannot nest $ under ${operator}`)
  }
  const plain = membershipTest(operand, context.collation)
  if (patterns.length === 0) return plain
  const tests = patterns.map((pattern) => regexTest(pattern))
  return (value) => plain(value) || tests.some((test) => test(value))
}

function regexTest(operand: BsonValue): ValueTest {
  const given = patternOf(operand)
  if (!given) throw new ServerError('BadValue', '$regex has to be a string')
  const compiled = compilePattern(...given)
  return (value) => {
    if (typeof value === 'string') return compiled.test(value)
    if (value instanceof BSONSymbol) return compiled.test(value.value)
    return (
      value instanceof BSONRegExp && operand instanceof BSONRegExp && equalValues(value, operand)
    )
  }
}

function notCondition(operand: BsonValue, context: MatchContext): ValueCondition {
  if (operand instanceof BSONRegExp) {
    return { test: regexTest(operand), leafElements: true, negated: true }
  }
  if (!isOperatorDocument(operand)) {
    throw new ServerError('BadValue', '$not needs a regex or a document')
  }
  // A field name that cannot clash: the conditions are looked up on a wrapped value.
  const nodes = context.fieldConditions('value', operand, context)
  const test = (value: BsonValue | undefined) => {
    const wrapped: BsonDocument = value === undefined ? {} : { value }
    return nodes.every((node) => node.matches(wrapped))
  }
  return { test, leafElements: false, negated: true }
}

function moduloTest(operand: BsonValue): ValueTest {
  const [divisor, remainder] = Array.isArray(operand) ? operand : []
  if (!Array.isArray(operand) || operand.length !== 2) {
    const found = Array.isArray(operand) && operand.length > 2 ? 'too many' : 'not enough'
    throw new ServerError('BadValue', `malformed mod, ${found} elements`)
  }
  if (!isNumeric(divisor)) throw new ServerError('BadValue', 'malformed mod, divisor not a number')
  const by = BigInt(Math.trunc(toNumber(divisor)))
  if (by === 0n) throw new ServerError('BadValue', 'divisor cannot be 0')
  const wanted = BigInt(isNumeric(remainder) ? Math.trunc(toNumber(remainder)) : 0)
  return (value) => {
    const exact = isNumeric(value) ? exactNumberOf(value) : undefined
    if (!exact) return false
    const rest = remainderExact(exact, { coefficient: by, exponent: 0 })
    const whole =
      rest.exponent < 0 ? rest.coefficient / 10n ** BigInt(-rest.exponent) : rest.coefficient
    return whole === wanted
  }
}

function sizeTest(operand: BsonValue): ValueTest {
  const size = isNumeric(operand) ? toNumber(operand) : NaN
  if (!Number.isInteger(size)) {
    throw new ServerError('FailedToParse', 'Failed to parse $size. Expected a number')
  }
  if (size < 0)
    throw new ServerError('FailedToParse', 'Failed to parse $size. Expected a non-negative number')
  return (value) => Array.isArray(value) && value.length === size
}

function allCondition(operand: BsonValue, context: MatchContext): ValueCondition {
  if (!Array.isArray(operand)) throw new ServerError('BadValue', '$all needs an array')
  const conditions = operand.map((item) => {
    if (isDocument(item) && '$elemMatch' in item) {
      return elementCondition(item['$elemMatch'] as BsonValue, context)
    }
    const test =
      item instanceof BSONRegExp ? regexTest(item) : equalityTest(item, context.collation.order)
    return { test, leafElements: true } satisfies ValueCondition
  })
  const test = (value: BsonValue | undefined) =>
    conditions.length > 0 &&
    conditions.every((condition) =>
      condition.leafElements && Array.isArray(value)
        ? value.some((item) => condition.test(item)) || condition.test(value)
        : condition.test(value),
    )
  return { test, leafElements: false }
}

function elementCondition(operand: BsonValue, context: MatchContext): ValueCondition {
  if (!isDocument(operand)) throw new ServerError('BadValue', '$elemMatch needs an Object')
  const byValue = isOperatorDocument(operand) && !isLogical(operand)
  const matches = byValue ? valueMatcher(operand, context) : documentMatcher(operand, context)
  const elementIndex = (value: BsonValue | undefined) => {
    const index = Array.isArray(value) ? value.findIndex(matches) : -1
    return index === -1 ? undefined : index
  }
  const nested = byValue ? [] : context.compileFilter(operand, context).conjuncts
  return {
    test: (value) => elementIndex(value) !== undefined,
    leafElements: false,
    elementIndex,
    nested,
  }
}

function isLogical(operand: BsonDocument): boolean {
  return ['$and', '$or', '$nor', '$expr'].includes(Object.keys(operand)[0] ?? '')
}

function valueMatcher(operand: BsonDocument, context: MatchContext): (item: BsonValue) => boolean {
  const conditions = Object.keys(operand)
    .filter((name) => name !== '$options')
    .map((name) => compileOperator(name, withOptions(name, operand), context))
  // An element that is an array itself is tested as a whole.
  return (item) =>
    conditions.every((condition) => condition.test(item) !== (condition.negated === true))
}

function documentMatcher(
  operand: BsonDocument,
  context: MatchContext,
): (item: BsonValue) => boolean {
  const filter = context.compileFilter(operand, context)
  return (item) => {
    if (isDocument(item)) return filter.matches(item)
    return Array.isArray(item) && filter.matches(Object.fromEntries(item.entries()))
  }
}
