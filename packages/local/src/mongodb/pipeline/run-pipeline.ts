import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Variables } from '../expression/expression.ts'
import type { Hint, SortField } from '../index/query-plan.ts'
import { SIMPLE_COLLATION, type Collation } from '../query/collation.ts'
import { compileFilter } from '../query/filter.ts'
import { findDocuments } from '../query/find-documents.ts'
import { parseSort } from '../query/sort-order.ts'
import { findCollection } from '../write/target-collection.ts'
import { wholeNumber } from './document-stages.ts'
import { compileStage } from './stage-table.ts'

/** What a pipeline runs in. */
export interface PipelineEnvironment {
  readonly context: CommandContext
  readonly db: string
  readonly collation: Collation | undefined
  readonly variables: Variables
  readonly hint?: Hint | undefined
  /** Namespace the running pipeline reads. */
  readonly ns?: string
}

/** What a stage gets to run pipelines of its own. Handed down, as stages and pipelines hold each other. */
export interface StageEnvironment extends PipelineEnvironment {
  readonly runPipeline: typeof runPipeline
  readonly runStages: typeof runStages
}

/** The leading stages that the query planner can take over. */
interface Pushdown {
  readonly filter: BsonDocument
  readonly sort: readonly SortField[]
  readonly limit: number | undefined
  readonly rest: readonly BsonDocument[]
}

/**
 * Runs the reading stages of a pipeline over a namespace. Documents are computed while the result is
 * iterated.
 *
 * @throws {ServerError} A stage is unknown or its operand is wrong.
 */
export function runPipeline(
  environment: PipelineEnvironment,
  ns: string,
  pipeline: readonly BsonDocument[],
): Iterable<BsonDocument> {
  const { context } = environment
  const collection = findCollection(context, ns)
  if (collection?.view) {
    const source = `${environment.db}.${collection.view.viewOn}`
    const inherited = { ...environment, collation: environment.collation ?? collection.collation }
    return runPipeline(inherited, source, [...collection.view.pipeline, ...pipeline])
  }
  const collation = environment.collation ?? collection?.collation ?? SIMPLE_COLLATION
  const settled = { ...environment, collation, ns }
  const { filter, sort, limit, rest } = pushdown(pipeline)
  const found = collection
    ? findDocuments(context.server.engine, context.view, collection, {
        filter: compileFilter(filter, settled),
        sort,
        ...(limit === undefined ? {} : { limit }),
        ...(environment.hint === undefined ? {} : { hint: environment.hint }),
      }).matches
    : []
  return runStages(settled, documentsOf(found), rest)
}

/** Runs stages over documents. */
export function runStages(
  environment: PipelineEnvironment,
  documents: Iterable<BsonDocument>,
  stages: readonly BsonDocument[],
): Iterable<BsonDocument> {
  const inner: StageEnvironment = { ...environment, runPipeline, runStages }
  const steps = stages.map((stage, position) => {
    const names = Object.keys(stage)
    const [name] = names
    if (names.length !== 1 || name === undefined) {
      throw new ServerError(
        40323,
        'A pipeline stage specification object must contain exactly one field.',
      )
    }
    return compileStage(inner, name, stage[name] as BsonValue, position)
  })
  return steps.reduce((input, step) => step(input), documents)
}

function* documentsOf(
  found: Iterable<{ readonly document: BsonDocument }>,
): Generator<BsonDocument> {
  for (const match of found) yield match.document
}

function pushdown(pipeline: readonly BsonDocument[]): Pushdown {
  const matches: BsonDocument[] = []
  let at = 0
  for (let match = pipeline[at]?.['$match']; isDocument(match); match = pipeline[at]?.['$match']) {
    matches.push(match)
    at += 1
  }
  let sort: readonly SortField[] = []
  let limit: number | undefined
  const order = pipeline[at]?.['$sort']
  if (isDocument(order) && Object.keys(order).length > 0) {
    sort = parseSort(order)
    at += 1
  }
  const count = pipeline[at]?.['$limit']
  if (count !== undefined) {
    limit = wholeNumber('$limit', count, 1)
    at += 1
  }
  const [only] = matches
  const filter = matches.length === 1 && only ? only : matches.length > 1 ? { $and: matches } : {}
  return { filter, sort, limit, rest: pipeline.slice(at) }
}
