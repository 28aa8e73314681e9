import type { BsonDocument, BsonValue } from '../bson/value.ts'
import type { Variables } from '../expression/expression.ts'
import { SIMPLE_COLLATION, type Collation } from './collation.ts'
import { compileDocument, fieldConditions } from './compile-filter.ts'

/** One condition every match fulfils: what the planner looks at. */
export interface Conjunct {
  readonly path: string
  readonly operator: string
  readonly operand: BsonValue
}

/** What surrounds a filter. */
export interface FilterOptions {
  /** Defaults to comparison by bytes. */
  readonly collation?: Collation
  /** Variables of `let`, for `$expr`. */
  readonly variables?: Variables
}

/** A compiled query filter. */
export interface Filter {
  /** Tells whether a document matches. */
  readonly matches: (document: BsonDocument) => boolean
  /** Position of the array element that made a document match: what `$` in an update stands for. */
  readonly matchedElement: (document: BsonDocument) => number | undefined
  readonly conjuncts: readonly Conjunct[]
  /** The branches of each `$or` among the conditions. */
  readonly alternatives: readonly (readonly Filter[])[]
  readonly source: BsonDocument
  readonly collation: Collation
  /** True when the conjuncts say all there is to say. */
  readonly plain: boolean
}

/**
 * Compiles a query filter.
 *
 * @throws {ServerError} An operator is unknown or its operand is wrong.
 */
export function compileFilter(source: BsonDocument, options: FilterOptions = {}): Filter {
  const collation = options.collation ?? SIMPLE_COLLATION
  const compiled = compileDocument(source, {
    collation,
    variables: options.variables ?? {},
    compileFilter,
    fieldConditions,
  })
  const [only] = compiled.nodes
  const matches =
    compiled.nodes.length === 1 && only
      ? only.matches
      : (document: BsonDocument) => compiled.nodes.every((node) => node.matches(document))
  return {
    matches,
    matchedElement: (document) => {
      let found: number | undefined
      for (const node of compiled.nodes) found = node.matchedElement?.(document) ?? found
      return found
    },
    conjuncts: compiled.nodes.flatMap((node) => node.conjuncts),
    alternatives: compiled.nodes.flatMap((node) => node.alternatives ?? []),
    source,
    collation,
    plain: compiled.nodes.every((node) => node.plain === true),
  }
}
