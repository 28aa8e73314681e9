import { Decimal128, Double } from 'bson'
import { addNumbers } from '../bson/arithmetic.ts'
import { compareValues, equalValues } from '../bson/compare.ts'
import { divideExact, exactNumberOf, toDecimal128 } from '../bson/exact-number.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonNumber,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Collation } from '../query/collation.ts'
import { documentOrder, parseSort } from '../query/sort-order.ts'

/** Gathers values of a group into one. */
export interface Accumulator {
  add(value: BsonValue | undefined): void
  result(): BsonValue | undefined
}

/** Makes an accumulator for each group. */
export type AccumulatorFactory = (collation: Collation) => Accumulator

const sum: AccumulatorFactory = () => {
  let total: BsonNumber = 0
  return {
    add: (value) => {
      if (isNumeric(value)) total = addNumbers(total, value, 'to-double')
    },
    result: () => total,
  }
}

const average: AccumulatorFactory = (collation) => {
  const total = sum(collation)
  let count = 0
  return {
    add: (value) => {
      if (!isNumeric(value)) return
      count += 1
      total.add(value)
    },
    result: () => (count === 0 ? null : averageOf(total.result() as BsonNumber, count)),
  }
}

function averageOf(total: BsonNumber, count: number): BsonNumber {
  if (!(total instanceof Decimal128)) return new Double(toNumber(total) / count)
  const exact = exactNumberOf(total)
  return exact
    ? toDecimal128(divideExact(exact, { coefficient: BigInt(count), exponent: 0 }))
    : total
}

function extreme(sign: 1 | -1): AccumulatorFactory {
  return (collation) => {
    let best: BsonValue | undefined
    return {
      add: (value) => {
        if (value === undefined || value === null) return
        if (best === undefined || compareValues(value, best, collation.order) * sign > 0)
          best = value
      },
      result: () => best ?? null,
    }
  }
}

function deviation(sample: boolean): AccumulatorFactory {
  return () => {
    const values: number[] = []
    return {
      add: (value) => {
        if (isNumeric(value)) values.push(toNumber(value))
      },
      result: () => {
        const count = sample ? values.length - 1 : values.length
        if (count <= 0) return null
        const mean = values.reduce((total, value) => total + value, 0) / values.length
        const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0)
        return new Double(Math.sqrt(squares / count))
      },
    }
  }
}

const mergeObjects: AccumulatorFactory = () => {
  let merged: BsonDocument = {}
  return {
    add: (value) => {
      if (value === undefined || value === null) return
      if (!isDocument(value)) throw new ServerError(40400, '$mergeObjects requires object inputs')
      merged = { ...merged, ...value }
    },
    result: () => merged,
  }
}

/** The accumulators of `$group` with one argument. */
export const ACCUMULATORS: Record<string, AccumulatorFactory> = {
  $sum: sum,
  $avg: average,
  $min: extreme(-1),
  $max: extreme(1),
  $first: () => {
    let seen = false
    let first: BsonValue | undefined
    return {
      add: (value) => {
        if (!seen) first = value
        seen = true
      },
      result: () => first ?? null,
    }
  },
  $last: () => {
    let last: BsonValue | undefined
    return { add: (value) => void (last = value), result: () => last ?? null }
  },
  $push: () => {
    const values: BsonValue[] = []
    return {
      add: (value) => {
        if (value !== undefined) values.push(value)
      },
      result: () => values,
    }
  },
  $addToSet: (collation) => {
    const values: BsonValue[] = []
    return {
      add: (value) => {
        if (value === undefined) return
        if (!values.some((other) => equalValues(other, value, collation.order))) values.push(value)
      },
      result: () => values,
    }
  },
  $stdDevPop: deviation(false),
  $stdDevSamp: deviation(true),
  $mergeObjects: mergeObjects,
}

/** Accumulators that keep the first values of an order: `$top`, `$bottomN`, `$firstN`, `$maxN` and the like. */
export function orderedAccumulator(
  name: string,
  count: number,
  sortBy: BsonDocument | undefined,
): AccumulatorFactory {
  return (collation) => {
    const rows: { key: BsonDocument; value: BsonValue }[] = []
    const order = sortBy ? documentOrder(parseSort(sortBy), collation.order) : undefined
    return {
      add: (row) => {
        const { key, value } = row as unknown as { key: BsonDocument; value: BsonValue }
        if (/^\$(max|min)N$/.test(name) && value === null) return
        rows.push({ key, value })
      },
      result: () => {
        const sign = name === '$maxN' ? -1 : 1
        if (order) rows.sort((left, right) => order(left.key, right.key))
        else if (/^\$(max|min)N$/.test(name))
          rows.sort((left, right) => compareValues(left.value, right.value, collation.order) * sign)
        const values = rows.map(({ value }) => value)
        const kept = /^\$(bottom|last)/.test(name) ? values.slice(-count) : values.slice(0, count)
        return name.endsWith('N') ? kept : (kept[0] ?? null)
      },
    }
  }
}
