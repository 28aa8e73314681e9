import type { BsonDocument, BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { SIMPLE_COLLATION } from '../query/collation.ts'
import { compileDocumentStage } from './document-stages.ts'
import { groupStage } from './group-stage.ts'
import { facetStage, graphLookupStage, lookupStage, unionStage } from './join-stages.ts'
import type { StageEnvironment } from './run-pipeline.ts'
import { SOURCE_STAGES } from './source-stages.ts'
import { bucketStage, STREAM_STAGES } from './stream-stages.ts'

/** Turns the documents of one stage into those of the next. */
export type StageStep = (documents: Iterable<BsonDocument>) => Iterable<BsonDocument>

const DOCUMENT_STAGES = new Set([
  '$set',
  '$addFields',
  '$unset',
  '$project',
  '$replaceRoot',
  '$replaceWith',
])

/** Stages the server has and this one has not. */
const UNSUPPORTED = new Set([
  '$geoNear',
  '$setWindowFields',
  '$densify',
  '$fill',
  '$redact',
  '$bucketAuto',
  '$indexStats',
  '$planCacheStats',
  '$listCatalog',
  '$listClusterCatalog',
  '$listSampledQueries',
  '$listSessions',
  '$queryStats',
  '$querySettings',
  '$shardedDataDistribution',
])

/**
 * Compiles one reading stage.
 *
 * @throws {ServerError} The stage is unknown, not supported or its operand is wrong.
 */
export function compileStage(
  environment: StageEnvironment,
  name: string,
  operand: BsonValue,
  position: number,
): StageStep {
  const options = {
    collation: environment.collation ?? SIMPLE_COLLATION,
    variables: environment.variables,
  }
  if (DOCUMENT_STAGES.has(name)) {
    const step = compileDocumentStage(name, operand, options)
    return (documents) => mapped(documents, step)
  }
  const source = SOURCE_STAGES[name]
  if (source) {
    if (position === 0) return source(operand, environment)
    throw new ServerError(40602, `${name} is only valid as the first stage in a pipeline.`)
  }
  const stream = STREAM_STAGES[name]
  if (stream) return stream(operand, options)
  switch (name) {
    case '$group':
      return groupStage(operand, options)
    case '$bucket':
      return bucketStage(operand, options)
    case '$lookup':
      return lookupStage(operand, environment)
    case '$graphLookup':
      return graphLookupStage(operand, environment)
    case '$unionWith':
      return unionStage(operand, environment)
    case '$facet':
      return facetStage(operand, environment)
    default:
      throw refusedStage(name)
  }
}

function refusedStage(name: string): ServerError {
  switch (name) {
    case '$out':
    case '$merge':
      return new ServerError(40601, `${name} can only be the final stage in the pipeline`)
    case '$changeStreamSplitLargeEvent':
      return new ServerError(
        'IllegalOperation',
        `${name} can only be used in a $changeStream pipeline.`,
      )
    case '$changeStream':
      return new ServerError(40602, `${name} is only valid as the first stage in a pipeline.`)
    default:
      return UNSUPPORTED.has(name)
        ? new ServerError(
            'CommandNotSupported',
            `The stage ${name} is not supported by the development server`,
          )
        : new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`)
  }
}

function* mapped(
  documents: Iterable<BsonDocument>,
  step: (document: BsonDocument) => BsonDocument,
) {
  for (const document of documents) yield step(document)
}
