import { plainText } from '../bson/print-value.ts'
import { encodeKey } from '../bson/key-encoding.ts'
import { equalValues } from '../bson/compare.ts'
import {
  cloneValue,
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileExpression, environmentOf, valueOnPath } from '../expression/expression.ts'
import { setValueAt } from '../update/document-path.ts'
import type { StageEnvironment } from './run-pipeline.ts'
import type { StageStep } from './stage-table.ts'

/** The `$lookup` stage. */
export function lookupStage(operand: BsonValue, environment: StageEnvironment): StageStep {
  const spec = specOf('$lookup', operand)
  const { from, as, localField, foreignField, pipeline } = spec
  if (typeof as !== 'string')
    throw new ServerError('FailedToParse', "must specify 'as' field for a $lookup")
  const vars = isDocument(spec['let']) ? spec['let'] : {}
  const options = { variables: environment.variables }
  const lets = Object.keys(vars).map(
    (name) => [name, compileExpression(vars[name] as BsonValue, options)] as const,
  )
  const stages = Array.isArray(pipeline) ? (pipeline as BsonDocument[]) : []
  const ns = `${environment.db}.${typeof from === 'string' ? from : '$cmd.aggregate'}`
  return function* (documents) {
    for (const document of documents) {
      const outer = environmentOf(document, environment.variables)
      const variables = Object.fromEntries(lets.map(([name, value]) => [name, value(outer)]))
      const match = joinCondition(document, localField, foreignField)
      const inner = {
        ...environment,
        hint: undefined,
        variables: { ...environment.variables, ...variables },
      }
      const joined = [...environment.runPipeline(inner, ns, [...match, ...stages])]
      const copy = cloneValue(document)
      setValueAt(copy, as.split('.'), joined)
      yield copy
    }
  }
}

function joinCondition(
  document: BsonDocument,
  local: BsonValue | undefined,
  foreign: BsonValue | undefined,
): BsonDocument[] {
  if (typeof local !== 'string' || typeof foreign !== 'string') return []
  const value = valueOnPath(document, local.split('.'), 0) ?? null
  const condition = Array.isArray(value) ? { $in: value } : { $eq: value }
  return [{ $match: { [foreign]: condition } }]
}

/** The `$unionWith` stage. */
export function unionStage(operand: BsonValue, environment: StageEnvironment): StageStep {
  const spec = typeof operand === 'string' ? { coll: operand } : specOf('$unionWith', operand)
  const { coll, pipeline } = spec
  const stages = Array.isArray(pipeline) ? (pipeline as BsonDocument[]) : []
  const ns = `${environment.db}.${typeof coll === 'string' ? coll : '$cmd.aggregate'}`
  return function* (documents) {
    yield* documents
    yield* environment.runPipeline({ ...environment, hint: undefined }, ns, stages)
  }
}

/** The `$facet` stage. */
export function facetStage(operand: BsonValue, environment: StageEnvironment): StageStep {
  const spec = specOf('$facet', operand)
  assertFacets(spec)
  return (documents) => {
    const input = [...documents]
    const result: BsonDocument = {}
    for (const name of Object.keys(spec)) {
      const stages = spec[name] as BsonDocument[]
      result[name] = [...environment.runStages(environment, input, stages)]
    }
    return [result]
  }
}

const NOT_IN_FACETS = new Set([
  '$changeStream',
  '$collStats',
  '$currentOp',
  '$documents',
  '$facet',
  '$geoNear',
  '$indexStats',
  '$listLocalSessions',
  '$merge',
  '$out',
  '$planCacheStats',
  '$search',
  '$searchMeta',
  '$vectorSearch',
])

function assertFacets(spec: BsonDocument): void {
  if (Object.keys(spec).length === 0)
    throw new ServerError(40169, 'the $facet specification must be a non-empty object')
  for (const [name, stages] of Object.entries(spec)) {
    if (!Array.isArray(stages))
      throw new ServerError(40170, `arguments to $facet must be arrays, ${name} is not`)
    for (const stage of stages) {
      const [first = ''] = isDocument(stage) ? Object.keys(stage) : []
      if (!NOT_IN_FACETS.has(first)) continue
      throw new ServerError(40600, `${first} is not allowed to be used within a $facet stage`)
    }
  }
}

/** The `$graphLookup` stage. */
export function graphLookupStage(operand: BsonValue, environment: StageEnvironment): StageStep {
  const spec = specOf('$graphLookup', operand)
  const {
    from,
    startWith,
    connectFromField,
    connectToField,
    as,
    maxDepth,
    depthField,
    restrictSearchWithMatch,
  } = spec
  if (
    [from, connectFromField, connectToField, as].some((field) => typeof field !== 'string') ||
    startWith === undefined
  ) {
    throw new ServerError(
      40105,
      '$graphLookup requires from, startWith, connectFromField, connectToField and as',
    )
  }
  const start = compileExpression(startWith)
  const restrict = isDocument(restrictSearchWithMatch) ? [{ $match: restrictSearchWithMatch }] : []
  const limit = isNumeric(maxDepth) ? toNumber(maxDepth) : Infinity
  const ns = `${environment.db}.${plainText(from)}`
  const search = (values: BsonValue[]) =>
    environment.runPipeline({ ...environment, hint: undefined }, ns, [
      { $match: { [plainText(connectToField)]: { $in: values } } },
      ...restrict,
    ])
  const connectFrom = plainText(connectFromField).split('.')
  return function* (documents) {
    for (const document of documents) {
      const first = start(environmentOf(document, environment.variables))
      const found = reachable(listOf(first), limit, search, (row) =>
        listOf(valueOnPath(row, connectFrom, 0)),
      )
      const rows = [...found].map(({ row, depth }) =>
        typeof depthField === 'string' ? { ...row, [depthField]: BigInt(depth) } : row,
      )
      const copy = cloneValue(document)
      setValueAt(copy, plainText(as).split('.'), rows)
      yield copy
    }
  }
}

/** The documents that can be reached, each with the number of steps to it. */
function reachable(
  start: BsonValue[],
  limit: number,
  search: (values: BsonValue[]) => Iterable<BsonDocument>,
  connections: (row: BsonDocument) => BsonValue[],
): Iterable<{ readonly row: BsonDocument; readonly depth: number }> {
  const found = new Map<string, { row: BsonDocument; depth: number }>()
  let frontier = start
  for (let depth = 0; depth <= limit && frontier.length > 0; depth += 1) {
    const next: BsonValue[] = []
    for (const row of search(frontier)) {
      const key = encodeKey(row['_id']).toString('latin1')
      if (found.has(key)) continue
      found.set(key, { row, depth })
      for (const value of connections(row)) {
        if (!next.some((other) => equalValues(other, value))) next.push(value)
      }
    }
    frontier = next
  }
  return found.values()
}

function listOf(value: BsonValue | undefined): BsonValue[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function specOf(name: string, operand: BsonValue): BsonDocument {
  if (isDocument(operand)) return operand
  throw new ServerError('FailedToParse', `the ${name} specification must be an Object`)
}
