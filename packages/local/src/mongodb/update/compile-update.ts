import { equalValues } from '../bson/compare.ts'
import { printValue } from '../bson/print-value.ts'
import { cloneValue, isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Variables } from '../expression/expression.ts'
import { compileUpdatePipeline } from '../pipeline/update-pipeline.ts'
import type { Collation } from '../query/collation.ts'
import { ARRAY_OPERATORS } from './array-operators.ts'
import { compileArrayFilters, concretePaths } from './array-filters.ts'
import { FIELD_OPERATORS, renameField, type FieldUpdate } from './update-operators.ts'

/** What an update is compiled with. */
export interface UpdateOptions {
  readonly collation: Collation
  readonly variables: Variables
  readonly arrayFilters?: readonly BsonValue[]
}

/** What an update needs to know of the document it is applied to. */
export interface UpdateTarget {
  readonly inserting: boolean
  readonly now: bigint
  /** Position of the array element the query matched, asked for only when `$` is used. */
  readonly matchedElement: () => number | undefined
  /** Told of every path that an operator writes as a whole; never for a pipeline. */
  readonly onWhole?: (path: readonly string[]) => void
}

/** A compiled update with operators or a pipeline. */
export interface Update {
  /** The document after the update; the given one is not changed. */
  apply(document: BsonDocument, target: UpdateTarget): BsonDocument
}

interface Step {
  readonly operator: string
  readonly path: readonly string[]
  readonly text: string
  readonly update: FieldUpdate
  /** True for values added at the end of an array: the rest of it stays as it is. */
  readonly appends: boolean
}

/**
 * Compiles an update that is no replacement.
 *
 * @throws {ServerError} An operator is unknown, or two operators write the same path.
 */
export function compileUpdate(update: BsonDocument | BsonValue[], options: UpdateOptions): Update {
  if (Array.isArray(update)) {
    const pipeline = compileUpdatePipeline(update, options)
    return { apply: (document) => withSameId(document, pipeline(document), true) }
  }
  const steps = stepsOf(update, options.collation)
  assertNoConflict(steps)
  const filters = compileArrayFilters(options.arrayFilters ?? [], options.collation)
  assertFiltersUsed([...filters.keys()], steps)
  return {
    apply: (document, target) => {
      const changed = cloneValue(document)
      const moment = { ...target, collation: options.collation }
      for (const step of steps) {
        const usesMatch = step.path.includes('$')
        const matched = usesMatch ? target.matchedElement() : undefined
        if (step.operator === '$setOnInsert' && !target.inserting) continue
        for (const path of concretePaths(changed, step.path, filters, matched)) {
          step.update(changed, path, moment)
          if (!step.appends) target.onWhole?.(path)
        }
      }
      return withSameId(document, changed)
    },
  }
}

/** True for an update with operators, false for a replacement. */
export function isOperatorUpdate(update: BsonDocument): boolean {
  return Object.keys(update)[0]?.startsWith('$') === true
}

function withSameId(before: BsonDocument, after: BsonDocument, isPipeline = false): BsonDocument {
  const id = before['_id']
  if (id === undefined || equalValues(id, after['_id'])) return after
  // A pipeline that leaves the `_id` out keeps it.
  if (after['_id'] === undefined && isPipeline) return { _id: id, ...after }
  throw new ServerError(
    'ImmutableField',
    `Performing an update on the path '_id' would modify the immutable field '_id'`,
  )
}

function stepsOf(update: BsonDocument, collation: Collation): Step[] {
  const steps = Object.keys(update).flatMap((operator) => {
    const fields = update[operator]
    const compile = FIELD_OPERATORS[operator] ?? ARRAY_OPERATORS[operator]
    if (!compile && operator !== '$rename') {
      throw new ServerError(
        'FailedToParse',
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      )
    }
    if (!isDocument(fields)) {
      throw new ServerError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeof fields} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${printValue(fields)}}`,
      )
    }
    return Object.keys(fields).flatMap((path) => {
      assertPath(path)
      const operand = fields[path] as BsonValue
      if (!compile) return renameSteps(path, operand)
      return [
        {
          operator,
          path: path.split('.'),
          text: path,
          update: compile(operand, path, collation),
          appends: operator === '$push' && isAppend(operand),
        },
      ]
    })
  })
  // The server adds new fields in the order of their paths.
  return steps.sort((left, right) => comparePaths(left.path, right.path))
}

/** True for a value, or a list of values without more. */
function isAppend(operand: BsonValue): boolean {
  if (!isDocument(operand) || !('$each' in operand)) return true
  return Object.keys(operand).length === 1
}

function renameSteps(path: string, target: BsonValue): Step[] {
  if (typeof target !== 'string') {
    throw new ServerError(
      'BadValue',
      `The 'to' field for $rename must be a string: ${path}: ${printValue(target)}`,
    )
  }
  assertPath(target)
  if (path === target) {
    throw new ServerError(
      'BadValue',
      `The source and target field for $rename must differ: ${path}: "${target}"`,
    )
  }
  const to = target.split('.')
  return [
    {
      operator: '$rename',
      path: path.split('.'),
      text: path,
      update: renameField(to),
      appends: false,
    },
    { operator: '$rename', path: to, text: target, update: () => undefined, appends: false },
  ]
}

function assertPath(path: string): void {
  if (path === '') throw new ServerError('EmptyFieldName', 'An empty update path is not valid.')
  if (path.split('.').includes('')) {
    throw new ServerError(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    )
  }
}

function comparePaths(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length)
  for (let depth = 0; depth < length; depth += 1) {
    const a = left[depth] as string
    const b = right[depth] as string
    if (a === b) continue
    const numeric = /^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) - Number(b) : 0
    return numeric || (a < b ? -1 : 1)
  }
  return left.length - right.length
}

function assertNoConflict(steps: readonly Step[]): void {
  steps.forEach((step, at) => {
    for (const other of steps.slice(at + 1)) {
      const prefix = step.path.every((name, depth) => other.path[depth] === name)
      if (!prefix) continue
      throw new ServerError(
        'ConflictingUpdateOperators',
        `Updating the path '${other.text}' would create a conflict at '${step.text}'`,
      )
    }
  })
}

function assertFiltersUsed(identifiers: readonly string[], steps: readonly Step[]): void {
  for (const identifier of identifiers) {
    if (steps.some((step) => step.path.includes(`$[${identifier}]`))) continue
    throw new ServerError(
      'FailedToParse',
      `The array filter for identifier '${identifier}' was not used in the update`,
    )
  }
}
