import type { ViewPoint } from '@varve/core'
import type { Document } from 'mongodb'
import { cellsAround, cellsAroundDate } from '../history/validity-cell.ts'
import { pastExpression } from './past-expression.ts'
import { PastViewUnsupportedError } from './past-view-errors.ts'

/** Path of a document's field in its version; the id is also there on its own, under an index. */
export function pastPath(path: string): string {
  return path === '_id' ? 'id' : `doc.${path}`
}

/** The versions that were valid at a point. */
export function validAt(point: ViewPoint): Document {
  if ('position' in point) {
    const { position } = point
    const cell = { $in: cellsAround(position) }
    return { cell, from: { $lte: position }, to: { $gt: position } }
  }
  const cellAt = { $in: cellsAroundDate(point.date) }
  return { cellAt, fromAt: { $lte: point.date }, toAt: { $gt: point.date } }
}

/**
 * Rewrites a filter on documents to one on their versions.
 *
 * @throws {PastViewUnsupportedError} It uses an operator that only works on the documents themselves.
 */
export function pastFilter(model: string, filter: Document): Document {
  const rewritten: Document = {}
  for (const [key, value] of Object.entries(filter) as [string, unknown][]) {
    if (!key.startsWith('$')) rewritten[pastPath(key)] = value
    else rewritten[key] = pastOperator(model, key, value)
  }
  return rewritten
}

function pastOperator(model: string, operator: string, value: unknown): unknown {
  switch (operator) {
    case '$and':
    case '$or':
    case '$nor':
      return Array.isArray(value)
        ? (value as Document[]).map((part) => pastFilter(model, part))
        : value
    case '$expr':
      return pastExpression(value)
    case '$jsonSchema':
      return { required: ['doc'], properties: { doc: value } }
    case '$comment':
    case '$sampleRate':
      return value
    default:
      throw new PastViewUnsupportedError(model, operator)
  }
}
