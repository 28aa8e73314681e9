import type { BsonDocument, BsonValue } from '../bson/value.ts'
import type { Variables } from '../expression/expression.ts'
import type { Collation } from './collation.ts'
import type { Conjunct, Filter } from './filter.ts'

/** One condition of a filter, compiled. */
export interface MatchNode {
  readonly matches: (document: BsonDocument) => boolean
  readonly matchedElement?: (document: BsonDocument) => number | undefined
  /** Conditions that hold whenever this node matches. */
  readonly conjuncts: readonly Conjunct[]
  readonly alternatives?: readonly (readonly Filter[])[]
  /** True when the node is its conjuncts and nothing more. */
  readonly plain?: boolean
}

/** What every condition is compiled with. */
export interface MatchContext {
  readonly collation: Collation
  readonly variables: Variables
  /** Compiles a filter inside of this one. Handed down, as filters and operators hold each other. */
  readonly compileFilter: (source: BsonDocument, context: MatchContext) => Filter
  /** Compiles the conditions on one path. */
  readonly fieldConditions: (path: string, operand: BsonValue, context: MatchContext) => MatchNode[]
}

/** A condition on a single value; knows how values at a path are to be looked up. */
export interface ValueCondition {
  readonly test: (value: BsonValue | undefined) => boolean
  /** True to test the elements of an array at the end of the path as well. */
  readonly leafElements: boolean
  /** True when the whole answer is turned around: `$ne`, `$nin`, `$not`. */
  readonly negated?: boolean
  /** Position of the matching element for conditions that look into the array themselves. */
  readonly elementIndex?: (value: BsonValue | undefined) => number | undefined
  /** Conditions on paths below, for `$elemMatch`. */
  readonly nested?: readonly Conjunct[]
}
