import { compareValues, equalValues } from '../bson/compare.ts'
import type { BsonDocument } from '../bson/value.ts'

/** True when two key patterns have the same fields in the same order and directions. */
export function sameKeyPattern(left: BsonDocument, right: BsonDocument): boolean {
  return equalValues(left, right) && compareValues(Object.keys(left), Object.keys(right)) === 0
}
