import { compareValues, equalValues } from '../bson/compare.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import {
  integer,
  isDocument,
  isFalsy,
  isNumeric,
  setField,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { documentOrder, parseSort } from '../query/sort-order.ts'
import { computed, fieldsOf, isNullish, namedArguments } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

function list(name: string, value: BsonValue | undefined): BsonValue[] {
  if (Array.isArray(value)) return value
  throw new ServerError(
    28765,
    `The argument to ${name} must be an array, but was of type: ${typeNameOf(value)}`,
  )
}

function whole(name: string, value: BsonValue | undefined): number {
  const number = isNumeric(value) ? toNumber(value) : NaN
  if (Number.isInteger(number)) return number
  throw new ServerError(28690, `${name} needs a whole number, found ${typeNameOf(value)}`)
}

function elementAt([items, index]: readonly (BsonValue | undefined)[]): BsonValue | undefined {
  if (isNullish(items) || isNullish(index)) return null
  const array = list('$arrayElemAt', items)
  const at = whole('$arrayElemAt', index)
  return array[at < 0 ? array.length + at : at]
}

function slice([items, first, second]: readonly (BsonValue | undefined)[]): BsonValue {
  if (isNullish(items) || isNullish(first)) return null
  const array = list('$slice', items)
  const start = whole('$slice', first)
  if (second === undefined) return start >= 0 ? array.slice(0, start) : array.slice(start)
  const from = start >= 0 ? start : Math.max(0, array.length + start)
  return array.slice(from, from + whole('$slice', second))
}

function range([start, end, step = 1]: readonly (BsonValue | undefined)[]): BsonValue {
  const [from, to, by] = [whole('$range', start), whole('$range', end), whole('$range', step)]
  if (by === 0) throw new ServerError(34449, '$range requires a non-zero step value')
  const result: BsonValue[] = []
  for (let value = from; by > 0 ? value < to : value > to; value += by) result.push(integer(value))
  return result
}

function toObject([items]: readonly (BsonValue | undefined)[]): BsonValue {
  if (isNullish(items)) return null
  const result: BsonDocument = {}
  for (const item of list('$arrayToObject', items)) {
    const [name, value] = isDocument(item)
      ? [item['k'], item['v']]
      : Array.isArray(item)
        ? item
        : []
    if (typeof name !== 'string')
      throw new ServerError(40394, '$arrayToObject requires an array of pairs with text keys')
    setField(result, name, value ?? null)
  }
  return result
}

function indexOf([items, wanted, start = 0, end]: readonly (BsonValue | undefined)[]): BsonValue {
  if (isNullish(items)) return null
  const array = list('$indexOfArray', items)
  const last =
    end === undefined ? array.length : Math.min(array.length, whole('$indexOfArray', end))
  for (let at = whole('$indexOfArray', start); at < last; at += 1) {
    if (equalValues(array[at], wanted)) return at
  }
  return -1
}

function firstN(name: string): ExpressionOperator {
  return namedArguments(['n', 'input'], [], ({ n, input }, { collation }) => {
    if (isNullish(input)) return null
    const count = whole(name, n)
    const array = list(name, input)
    const sign = name === '$maxN' ? -1 : 1
    if (name === '$firstN') return array.slice(0, count)
    if (name === '$lastN') return array.slice(-count)
    const values = array.filter((value) => !isNullish(value))
    return values
      .sort((left, right) => compareValues(left, right, collation.order) * sign)
      .slice(0, count)
  })
}

function zip(args: Record<string, BsonValue | undefined>): BsonValue {
  if (isNullish(args['inputs'])) return null
  const inputs = list('$zip', args['inputs'])
  if (inputs.some(isNullish)) return null
  const arrays = inputs.map((input) => list('$zip', input))
  const defaults = Array.isArray(args['defaults']) ? args['defaults'] : []
  const lengths = arrays.map((array) => array.length)
  const length = args['useLongestLength'] === true ? Math.max(...lengths) : Math.min(...lengths)
  return Array.from({ length }, (_, at) =>
    arrays.map((array, which) => array[at] ?? defaults[which] ?? null),
  )
}

/** Operators on arrays. */
export const ARRAY_EXPRESSIONS: Record<string, ExpressionOperator> = {
  $size: computed(([value]) => {
    if (Array.isArray(value)) return value.length
    throw new ServerError(
      17124,
      `The argument to $size must be an array, but was of type: ${typeNameOf(value)}`,
    )
  }, 1),
  $isArray: computed(([value]) => Array.isArray(value), 1),
  $arrayElemAt: computed(elementAt, 2),
  $first: computed(([items]) => elementAt([items, 0]), 1),
  $last: computed(([items]) => elementAt([items, -1]), 1),
  $firstN: firstN('$firstN'),
  $lastN: firstN('$lastN'),
  $maxN: firstN('$maxN'),
  $minN: firstN('$minN'),
  $slice: computed(slice, 2, 3),
  $concatArrays: computed(
    (args) => (args.some(isNullish) ? null : args.flatMap((items) => list('$concatArrays', items))),
    0,
    Infinity,
  ),
  $reverseArray: computed(
    ([items]) => (isNullish(items) ? null : [...list('$reverseArray', items)].reverse()),
    1,
  ),
  $range: computed(range, 2, 3),
  $indexOfArray: computed(indexOf, 2, 4),
  $arrayToObject: computed(toObject, 1),
  $zip: namedArguments(['inputs'], ['useLongestLength', 'defaults'], zip),
  $sortArray: (operand, context) => {
    const fields = fieldsOf(operand, '$sortArray', ['input', 'sortBy'], [])
    const input = context.compile(fields['input'] as BsonValue)
    const { sortBy } = fields
    const order = isDocument(sortBy)
      ? documentOrder(parseSort(sortBy), context.collation.order)
      : undefined
    const sign = isNumeric(sortBy) ? toNumber(sortBy) : 1
    return (environment) => {
      const items = input(environment)
      if (isNullish(items)) return null
      return [...list('$sortArray', items)].sort((left, right) =>
        order && isDocument(left) && isDocument(right)
          ? order(left, right)
          : compareValues(left, right, context.collation.order) * sign,
      )
    }
  },
  $anyElementTrue: computed(
    ([items]) => list('$anyElementTrue', items).some((item) => !isFalsy(item)),
    1,
  ),
  $allElementsTrue: computed(
    ([items]) => list('$allElementsTrue', items).every((item) => !isFalsy(item)),
    1,
  ),
}
