import { typeNameOf } from '../bson/bson-type.ts'
import { compareValues } from '../bson/compare.ts'
import { integer, isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileFilter } from '../query/filter.ts'
import { documentOrder, parseSort } from '../query/sort-order.ts'
import { setValueAt, valueAt } from '../update/document-path.ts'
import { cloneValue } from '../bson/value.ts'
import { wholeNumber, type StageOptions } from './document-stages.ts'
import { groupStage } from './group-stage.ts'
import type { StageStep } from './stage-table.ts'

type StageCompiler = (operand: BsonValue, options: StageOptions) => StageStep

/** Stages that let documents through, drop them or change their number. */
export const STREAM_STAGES: Record<string, StageCompiler> = {
  $match: (operand, options) => {
    if (!isDocument(operand))
      throw new ServerError(15959, 'the match filter must be an expression in an object')
    const filter = compileFilter(operand, options)
    return function* (documents) {
      for (const document of documents) if (filter.matches(document)) yield document
    }
  },
  $sort: (operand, options) => {
    if (!isDocument(operand))
      throw new ServerError(15973, 'the $sort key specification must be an object')
    const fields = parseSort(operand)
    if (fields.length === 0)
      throw new ServerError(15976, '$sort stage must have at least one sort key')
    const order = documentOrder(fields, options.collation.order)
    return (documents) => [...documents].sort(order)
  },
  $limit: (operand) => {
    const limit = wholeNumber('$limit', operand, 1)
    return function* (documents) {
      let count = 0
      for (const document of documents) {
        yield document
        count += 1
        if (count >= limit) return
      }
    }
  },
  $skip: (operand) => {
    const skip = wholeNumber('$skip', operand, 0)
    return function* (documents) {
      let count = 0
      for (const document of documents) if (++count > skip) yield document
    }
  },
  $count: (operand) => {
    if (
      typeof operand !== 'string' ||
      operand === '' ||
      operand.startsWith('$') ||
      operand.includes('.')
    ) {
      throw new ServerError(
        40156,
        'the count field must be a non-empty string without dots and dollars',
      )
    }
    return (documents) => {
      let count = 0
      for (const _ of documents) count += 1
      return count === 0 ? [] : [{ [operand]: integer(count) }]
    }
  },
  $sortByCount: (operand, options) => {
    const group = groupStage({ _id: operand, count: { $sum: 1 } }, options)
    const order = documentOrder([{ path: 'count', direction: -1 }], options.collation.order)
    return (documents) => [...group(documents)].sort(order)
  },
  $unwind: (operand) => unwind(operand),
  $sample: (operand) => {
    const size = isDocument(operand) ? operand['size'] : undefined
    const wanted = wholeNumber('$sample', size ?? null, 1)
    return (documents) => {
      const pool = [...documents]
      const count = Math.min(wanted, pool.length)
      for (let at = 0; at < count; at += 1) {
        const other = at + Math.floor(Math.random() * (pool.length - at))
        ;[pool[at], pool[other]] = [pool[other] as BsonDocument, pool[at] as BsonDocument]
      }
      return pool.slice(0, count)
    }
  },
}

function unwind(operand: BsonValue): StageStep {
  const spec = isDocument(operand) ? operand : { path: operand }
  const { path, includeArrayIndex, preserveNullAndEmptyArrays } = spec
  if (typeof path !== 'string') {
    throw new ServerError(
      28808,
      `expected a string as the path for $unwind stage, got ${typeNameOf(path)}`,
    )
  }
  if (!path.startsWith('$')) {
    throw new ServerError(
      28818,
      `path option to $unwind stage should be prefixed with a '$': ${path}`,
    )
  }
  const parts = path.slice(1).split('.')
  const position = typeof includeArrayIndex === 'string' ? includeArrayIndex.split('.') : undefined
  return function* (documents) {
    for (const document of documents) {
      yield* unwound(document, parts, position, preserveNullAndEmptyArrays === true)
    }
  }
}

function* unwound(
  document: BsonDocument,
  path: readonly string[],
  position: readonly string[] | undefined,
  preserve: boolean,
): Generator<BsonDocument> {
  const value = valueAt(document, path)
  if (Array.isArray(value) && value.length > 0) {
    for (const [index, item] of value.entries()) {
      const copy = cloneValue(document)
      setValueAt(copy, path, item)
      if (position) setValueAt(copy, position, BigInt(index))
      yield copy
    }
    return
  }
  const isEmpty = value === undefined || value === null || Array.isArray(value)
  if (isEmpty && !preserve) return
  const copy = cloneValue(document)
  const name = path[path.length - 1] as string
  const parent = path.length === 1 ? copy : valueAt(copy, path.slice(0, -1))
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- documents are plain records
  if (Array.isArray(value) && isDocument(parent)) delete parent[name]
  if (position) setValueAt(copy, position, null)
  yield copy
}

/** The `$bucket` stage. */
export function bucketStage(operand: BsonValue, options: StageOptions): StageStep {
  if (!isDocument(operand))
    throw new ServerError(40201, 'Argument to $bucket stage must be an object')
  const { groupBy, boundaries, default: otherwise, output } = operand
  if (groupBy === undefined || !Array.isArray(boundaries) || boundaries.length < 2) {
    throw new ServerError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified")
  }
  boundaries.forEach((boundary, at) => {
    const next = boundaries[at + 1]
    if (next !== undefined && compareValues(boundary, next) >= 0) {
      throw new ServerError(40194, "The 'boundaries' option to $bucket must be sorted")
    }
  })
  const branches = boundaries.slice(0, -1).map((low, at) => ({
    case: {
      $and: [
        { $gte: [groupBy, { $literal: low }] },
        { $lt: [groupBy, { $literal: boundaries[at + 1] ?? null }] },
      ],
    },
    then: { $literal: low },
  }))
  const id: BsonDocument = {
    $switch:
      otherwise === undefined ? { branches } : { branches, default: { $literal: otherwise } },
  }
  const fields = isDocument(output) ? output : { count: { $sum: 1 } }
  const group = groupStage({ _id: id, ...fields }, options)
  const order = documentOrder([{ path: '_id', direction: 1 }], options.collation.order)
  return (documents) => [...group(documents)].sort(order)
}
