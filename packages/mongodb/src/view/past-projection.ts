import type { Document } from 'mongodb'
import { pastExpression } from './past-expression.ts'
import { isInclusion } from './projection.ts'

/** Rewrites a projection of documents to one of their versions that returns at least `doc`. */
export function pastProjection(projection: Document | undefined): Document {
  const { _id, ...fields } = projection ?? {}
  const id = _id === undefined || Boolean(_id)
  const rewritten: Document = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [`doc.${key}`, pastExpression(value)]),
  )
  if (projection && isInclusion(projection)) {
    return { _id: 0, ...(id && { 'doc._id': 1 }), ...rewritten }
  }
  if (id && Object.keys(rewritten).length === 0) return { _id: 0, doc: 1 }
  return { _id: 0, ...(!id && { 'doc._id': 0 }), ...rewritten }
}
