import { equalValues } from '../bson/compare.ts'
import { isFalsy } from '../bson/value.ts'
import { compileFilter, type Conjunct, type Filter } from '../query/filter.ts'

/** True when every document with these conditions is in a partial index. */
export function impliesPartialFilter(partial: Filter, conjuncts: readonly Conjunct[]): boolean {
  return (
    partial.plain &&
    partial.conjuncts.every((wanted) => conjuncts.some((given) => implies(given, wanted)))
  )
}

function implies(given: Conjunct, wanted: Conjunct): boolean {
  if (given.path !== wanted.path) return false
  if (given.operator === wanted.operator && equalValues(given.operand, wanted.operand)) return true
  if (wanted.operator === '$exists') return !isFalsy(wanted.operand) && excludesMissing(given)
  const accepts = (value: unknown) =>
    compileFilter({ value: { [wanted.operator]: wanted.operand } }).matches({
      value: value as never,
    })
  if (Array.isArray(given.operand) && given.operator !== '$in') return false
  switch (given.operator) {
    case '$eq':
      return given.operand !== null && accepts(given.operand)
    case '$in':
      return (
        Array.isArray(given.operand) &&
        given.operand.every((item) => item !== null && accepts(item))
      )
    case '$gt':
    case '$gte':
      return /^\$gte?$/.test(wanted.operator) && accepts(given.operand)
    case '$lt':
    case '$lte':
      return /^\$lte?$/.test(wanted.operator) && accepts(given.operand)
    default:
      return false
  }
}

/** True when no document without the field meets the condition. */
export function excludesMissing({ operator, operand }: Conjunct): boolean {
  switch (operator) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return operand !== null
    case '$in':
      return Array.isArray(operand) && !operand.includes(null)
    case '$exists':
      return !isFalsy(operand)
    case '$regex':
    case '$elemMatch':
    case '$size':
    case '$mod':
      return true
    default:
      return false
  }
}
