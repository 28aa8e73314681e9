import { plainText } from '../bson/print-value.ts'
import { compareValues, type TextOrder } from '../bson/compare.ts'
import {
  fieldOf,
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { SortField } from '../index/query-plan.ts'
import { arrayIndexOf } from './path-values.ts'

/**
 * Reads a sort document.
 *
 * @throws {ServerError} A direction is neither 1 nor -1.
 */
export function parseSort(sort: BsonDocument): SortField[] {
  return Object.keys(sort).map((path) => {
    const value = sort[path]
    const direction = isNumeric(value) ? toNumber(value) : 0
    if (isDocument(value) && '$meta' in value) {
      throw new ServerError(
        'CommandNotSupported',
        '$meta sorts are not supported by the development server',
      )
    }
    if (!isNumeric(value)) {
      throw new ServerError(
        15974,
        `Illegal key in $sort specification: ${path}: ${plainText(value)}`,
      )
    }
    if (direction !== 1 && direction !== -1) {
      throw new ServerError(
        15975,
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      )
    }
    return { path, direction }
  })
}

/** Compares two documents by a sort. */
export function documentOrder(
  fields: readonly SortField[],
  order: TextOrder,
): (left: BsonDocument, right: BsonDocument) => number {
  const keys = fields.map(({ path, direction }) => ({ parts: path.split('.'), direction }))
  return (left, right) => {
    for (const { parts, direction } of keys) {
      const result =
        compareValues(
          sortValue(left, parts, direction, order),
          sortValue(right, parts, direction, order),
          order,
        ) * direction
      if (result !== 0) return result
    }
    return 0
  }
}

/**
 * The value a document sorts by: of an array the smallest or largest
 * element, of nothing null; `undefined`, which is below null, of an empty array.
 */
export function sortValue(
  document: BsonDocument,
  path: readonly string[],
  direction: 1 | -1,
  order: TextOrder,
): BsonValue | undefined {
  const values: (BsonValue | undefined)[] = []
  collect(document, path, 0, values)
  if (values.length === 0) return null
  return values.reduce((best, value) =>
    compareValues(value, best, order) * direction < 0 ? value : best,
  )
}

function collect(
  node: BsonValue | undefined,
  path: readonly string[],
  depth: number,
  into: (BsonValue | undefined)[],
): void {
  const name = path[depth]
  if (name === undefined) {
    if (!Array.isArray(node)) into.push(node ?? null)
    else if (node.length === 0) into.push(undefined)
    else for (const item of node) into.push(item)
    return
  }
  if (isDocument(node)) {
    collect(fieldOf(node, name), path, depth + 1, into)
    return
  }
  if (!Array.isArray(node)) {
    into.push(null)
    return
  }
  const index = arrayIndexOf(name)
  if (index !== undefined && index < node.length) {
    collect(node[index], path, depth + 1, into)
    return
  }
  for (const item of node) if (isDocument(item)) collect(item, path, depth, into)
}
