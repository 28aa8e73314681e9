import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Collation } from '../query/collation.ts'
import { compileFilter } from '../query/filter.ts'
import { valueAt } from './document-path.ts'

/** Tells which elements `$[identifier]` stands for. */
export type ElementFilters = ReadonlyMap<string, (element: BsonValue) => boolean>

/**
 * Compiles the `arrayFilters` of an update.
 *
 * @throws {ServerError} A filter has not exactly one identifier, or two filters have the same.
 */
export function compileArrayFilters(
  filters: readonly BsonValue[],
  collation: Collation,
): ElementFilters {
  const compiled = new Map<string, (element: BsonValue) => boolean>()
  for (const filter of filters) {
    const names = isDocument(filter) ? identifiersOf(filter) : new Set<string>()
    const [identifier] = names
    if (identifier === undefined || names.size !== 1) {
      throw new ServerError(
        'FailedToParse',
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${[...names].join("' and '")}'`,
      )
    }
    if (compiled.has(identifier)) {
      throw new ServerError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      )
    }
    const matcher = compileFilter(filter as BsonDocument, { collation })
    compiled.set(identifier, (element) => matcher.matches({ [identifier]: element }))
  }
  return compiled
}

function identifiersOf(filter: BsonDocument): Set<string> {
  const names = Object.keys(filter).flatMap((name) => {
    const operand = filter[name]
    if (!name.startsWith('$')) return [name.split('.')[0] as string]
    return (Array.isArray(operand) ? operand : []).flatMap((branch) =>
      isDocument(branch) ? [...identifiersOf(branch)] : [],
    )
  })
  return new Set(names)
}

/**
 * The concrete paths a path with `$`, `$[]` and `$[identifier]` stands for.
 *
 * @param matched Position of the array element the query matched, for `$`.
 */
export function concretePaths(
  document: BsonDocument,
  path: readonly string[],
  filters: ElementFilters,
  matched: number | undefined,
): string[][] {
  const at = path.findIndex((name) => name.startsWith('$'))
  if (at === -1) return [[...path]]
  const before = path.slice(0, at)
  const after = path.slice(at + 1)
  const name = path[at] as string
  return positionsOf(document, before, name, filters, matched).flatMap((position) =>
    concretePaths(document, [...before, String(position), ...after], filters, matched),
  )
}

function positionsOf(
  document: BsonDocument,
  before: readonly string[],
  name: string,
  filters: ElementFilters,
  matched: number | undefined,
): number[] {
  if (name === '$') {
    if (matched !== undefined) return [matched]
    throw new ServerError(
      'BadValue',
      'The positional operator did not find the match needed from the query.',
    )
  }
  const identifier = /^\$\[(.*)\]$/.exec(name)?.[1]
  if (identifier === undefined) {
    throw new ServerError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${name}' in '${[...before, name].join('.')}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    )
  }
  const array = valueAt(document, before)
  if (array === undefined) {
    throw new ServerError(
      'BadValue',
      `The path '${before.join('.')}' must exist in the document in order to apply array updates.`,
    )
  }
  if (!Array.isArray(array)) {
    throw new ServerError(
      'BadValue',
      `Cannot apply array updates to non-array element ${before[before.length - 1] ?? ''}`,
    )
  }
  const filter = identifier === '' ? () => true : filters.get(identifier)
  if (!filter) {
    throw new ServerError(
      'BadValue',
      `No array filter found for identifier '${identifier}' in path '${[...before, name].join('.')}'`,
    )
  }
  return array.flatMap((element, position) => (filter(element) ? [position] : []))
}
