import {
  isDocument,
  isFalsy,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileExpression, type Expression, type Variables } from '../expression/expression.ts'
import type { Collation } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'

/** What a projection is compiled with. */
export interface ProjectionOptions {
  readonly collation: Collation
  readonly variables: Variables
  /** True for `$project`, which has no `$slice`, `$elemMatch` and positional `$` of `find`. */
  readonly stage?: boolean
  /** The query, for the positional `$`. */
  readonly filter?: Filter
}

/** What a projection does with one field. */
export type FieldRule =
  | { readonly kind: 'include' | 'exclude' }
  | { readonly kind: 'compute'; readonly expression: Expression }
  | {
      readonly kind: 'array'
      readonly pick: (value: BsonValue | undefined, root: BsonDocument) => BsonValue | undefined
    }

/** The rules of a projection along the paths they are for. */
export interface RuleNode {
  readonly children: Map<string, RuleNode>
  rule?: FieldRule
}

/**
 * The rule a projection gives a field.
 *
 * @throws {ServerError} The operand is wrong or not supported.
 */
export function ruleOf(operand: BsonValue, options: ProjectionOptions): FieldRule {
  if (typeof operand === 'boolean' || isNumeric(operand)) {
    return { kind: isFalsy(operand) ? 'exclude' : 'include' }
  }
  if (isDocument(operand) && !options.stage) {
    if ('$slice' in operand && !isExpressionSlice(operand['$slice']))
      return sliceRule(operand['$slice'] as BsonValue)
    if ('$elemMatch' in operand) return elementRule(operand['$elemMatch'] as BsonValue, options)
    if ('$meta' in operand)
      throw new ServerError(
        'CommandNotSupported',
        '$meta projections are not supported by the development server',
      )
  }
  return { kind: 'compute', expression: compileExpression(operand, options) }
}

function isExpressionSlice(operand: BsonValue | undefined): boolean {
  return Array.isArray(operand) && (operand.length === 3 || !isNumeric(operand[0]))
}

function sliceRule(operand: BsonValue): FieldRule {
  const [first, second] = Array.isArray(operand) ? operand : [operand]
  if (!isNumeric(first) || (second !== undefined && !isNumeric(second))) {
    throw new ServerError(
      28667,
      'Invalid $slice syntax. The given syntax did not match the find() syntax',
    )
  }
  const start = toNumber(first)
  const count = second === undefined ? undefined : toNumber(second)
  return {
    kind: 'array',
    pick: (value) => {
      if (!Array.isArray(value)) return value
      if (count === undefined) return start >= 0 ? value.slice(0, start) : value.slice(start)
      const from = start >= 0 ? start : Math.max(0, value.length + start)
      return value.slice(from, from + count)
    },
  }
}

function elementRule(operand: BsonValue, options: ProjectionOptions): FieldRule {
  const filter = compileFilter({ value: { $elemMatch: operand } }, options)
  const pick = (value: BsonValue | undefined) => {
    if (!Array.isArray(value)) return undefined
    const found = value.find((item) => filter.matches({ value: [item] }))
    return found === undefined ? undefined : [found]
  }
  return { kind: 'array', pick }
}

/** The rule of `path.$`: the element the query has matched. */
export function positionalRule(path: readonly string[], options: ProjectionOptions): FieldRule {
  const pick = (value: BsonValue | undefined, root: BsonDocument) => {
    if (!Array.isArray(value)) return value
    const index = options.filter?.matchedElement(root)
    if (index === undefined) {
      throw new ServerError(
        51246,
        `Executor error during find command :: caused by :: positional operator '${path.join('.')}.$' couldn't find a matching element in the array`,
      )
    }
    const element = value[index]
    return element === undefined ? [] : [element]
  }
  return { kind: 'array', pick }
}
