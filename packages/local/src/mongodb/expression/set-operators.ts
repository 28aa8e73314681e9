import { equalValues } from '../bson/compare.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import type { BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { computed, isNullish } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

const has = (items: readonly BsonValue[], value: BsonValue) =>
  items.some((item) => equalValues(item, value))

const distinct = (items: readonly BsonValue[]) =>
  items.filter((item, at) => !has(items.slice(0, at), item))

/** An operator on sets; null for null unless it answers yes or no. */
function sets(
  name: string,
  compute: (sets: readonly BsonValue[][]) => BsonValue,
  least: number,
  most = least,
): ExpressionOperator {
  return computed(
    (args) => {
      if (args.some(isNullish) && !/Equals|Subset/.test(name)) return null
      return compute(
        args.map((value) => {
          if (Array.isArray(value)) return value
          throw new ServerError(
            17041,
            `All operands of ${name} must be arrays. One argument is of type: ${typeNameOf(value)}`,
          )
        }),
      )
    },
    least,
    most,
  )
}

const isSubset = (left: readonly BsonValue[], right: readonly BsonValue[]) =>
  left.every((item) => has(right, item))

/** Operators that take arrays for sets. */
export const SET_OPERATORS: Record<string, ExpressionOperator> = {
  $setUnion: sets('$setUnion', (all) => distinct(all.flat()), 0, Infinity),
  $setIntersection: sets(
    '$setIntersection',
    ([first = [], ...rest]) =>
      distinct(first).filter((item) => rest.every((other) => has(other, item))),
    0,
    Infinity,
  ),
  $setDifference: sets(
    '$setDifference',
    ([left = [], right = []]) => distinct(left).filter((item) => !has(right, item)),
    2,
  ),
  $setIsSubset: sets('$setIsSubset', ([left = [], right = []]) => isSubset(left, right), 2),
  $setEquals: sets(
    '$setEquals',
    ([first = [], ...rest]) =>
      rest.every((other) => isSubset(first, other) && isSubset(other, first)),
    2,
    Infinity,
  ),
}
