import type { EncodableDocument } from '../bson/encode.ts'
import { integer, isDocument, type BsonDocument } from '../bson/value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { ServerError } from '../errors/server-error.ts'
import type { QueryPlan } from '../index/query-plan.ts'
import { findDocuments, type Execution, type FindRequest } from '../query/find-documents.ts'
import { findCollection } from '../write/target-collection.ts'
import type { Command } from './command.ts'
import { findRequest } from './find-command.ts'
import { SERVER_VERSION } from './hello-commands.ts'

/** The `explain` command: the plan and, unless only the plan is asked for, what running it looked at. */
export const explainCommand: Command = {
  run: (context) => {
    const explained = context.body['explain']
    if (!isDocument(explained))
      throw new ServerError(
        'TypeMismatch',
        "BSON field 'explain.explain' is the wrong type, expected type 'object'",
      )
    const name = Object.keys(explained)[0] ?? ''
    const namespace = namespaceIn(context.db, explained[name])
    const collection = findCollection(context, namespace.full)
    const inner = { ...context, name, body: asFind(name, explained) }
    const request = findRequest(inner, collection?.collation)
    const execution = collection
      ? findDocuments(context.server.engine, context.view, collection, request)
      : undefined
    const verbosity = context.body['verbosity'] ?? 'allPlansExecution'
    return {
      explainVersion: '1',
      queryPlanner: {
        namespace: namespace.full,
        parsedQuery: request.filter.source,
        winningPlan: execution ? describe(execution.plan, request) : { stage: 'EOF' },
        rejectedPlans: [],
      },
      ...(verbosity === 'queryPlanner' ? {} : { executionStats: statistics(execution) }),
      command: explained,
      serverInfo: { host: '127.0.0.1', port: context.server.port, version: SERVER_VERSION },
    }
  },
}

/** The query part of a command in the fields of `find`. */
function asFind(name: string, command: BsonDocument): BsonDocument {
  switch (name) {
    case 'find':
      return command
    case 'count':
    case 'distinct':
    case 'findAndModify': {
      const { query, sort, hint, collation, skip, limit } = command
      return given({ filter: query, sort, hint, collation, skip, limit })
    }
    case 'update':
    case 'delete': {
      const list = command[`${name}s`]
      const first = Array.isArray(list) ? list[0] : undefined
      const entry = isDocument(first) ? first : {}
      return given({ filter: entry['q'], hint: entry['hint'], collation: entry['collation'] })
    }
    case 'aggregate': {
      const pipeline = Array.isArray(command['pipeline']) ? command['pipeline'] : []
      const match = pipeline.find((stage) => isDocument(stage) && '$match' in stage)
      const filter = isDocument(match) && pipeline[0] === match ? match['$match'] : {}
      return given({ filter, hint: command['hint'], collation: command['collation'] })
    }
    default:
      throw new ServerError(
        'CommandNotSupported',
        `Explain of '${name}' is not supported by the development server`,
      )
  }
}

function given(fields: BsonDocument): BsonDocument {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function describe(plan: QueryPlan, request: FindRequest): BsonDocument {
  let stage = access(plan, request)
  const sorts = (request.sort ?? []).length > 0 && !(plan.sorted && plan.index)
  if (sorts) {
    const sortPattern = Object.fromEntries(
      (request.sort ?? []).map(({ path, direction }) => [path, direction]),
    )
    stage = { stage: 'SORT', sortPattern, inputStage: stage }
  }
  if (request.skip) stage = { stage: 'SKIP', skipAmount: integer(request.skip), inputStage: stage }
  if (request.limit !== undefined)
    stage = { stage: 'LIMIT', limitAmount: integer(request.limit), inputStage: stage }
  return stage
}

function access(plan: QueryPlan, request: FindRequest): BsonDocument {
  const direction = plan.backwards ? 'backward' : 'forward'
  if (plan.branches) {
    return {
      stage: 'FETCH',
      inputStage: {
        stage: 'OR',
        inputStages: plan.branches.map((branch) => indexScan(branch, direction)),
      },
    }
  }
  if (!plan.index) return { stage: 'COLLSCAN', filter: request.filter.source, direction }
  const single = plan.ids && plan.ranges.length === 1 && plan.exact
  if (single) return { stage: 'EXPRESS_IXSCAN', keyPattern: { _id: 1 }, indexName: '_id_' }
  return { stage: 'FETCH', inputStage: indexScan(plan, direction) }
}

function indexScan(plan: QueryPlan, direction: string): BsonDocument {
  const { index } = plan
  if (!index)
    return {
      stage: 'OR',
      inputStages: (plan.branches ?? []).map((branch) => indexScan(branch, direction)),
    }
  return {
    stage: 'IXSCAN',
    keyPattern: index.keyPattern,
    indexName: index.name,
    isMultiKey: index.multikey,
    isUnique: index.unique || index.isIdIndex,
    isSparse: index.sparse,
    isPartial: index.partial !== undefined,
    indexVersion: 2,
    direction,
  }
}

function statistics(execution: Execution | undefined): EncodableDocument {
  const started = performance.now()
  let nReturned = 0
  for (const _ of execution?.matches ?? []) nReturned += 1
  return {
    executionSuccess: true,
    nReturned: integer(nReturned),
    executionTimeMillis: Math.round(performance.now() - started),
    totalKeysExamined: integer(execution?.counters.keys ?? 0),
    totalDocsExamined: integer(execution?.counters.documents ?? 0),
  }
}
