import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Variables } from '../expression/expression.ts'
import type { Collation } from '../query/collation.ts'
import { compileDocumentStage } from './document-stages.ts'

const ALLOWED = new Set([
  '$set',
  '$addFields',
  '$unset',
  '$project',
  '$replaceRoot',
  '$replaceWith',
])

/**
 * Compiles an update that is a pipeline.
 *
 * @throws {ServerError} A stage is not allowed in updates.
 */
export function compileUpdatePipeline(
  stages: readonly BsonValue[],
  options: { readonly collation: Collation; readonly variables: Variables },
): (document: BsonDocument) => BsonDocument {
  const steps = stages.map((stage) => {
    const name = isDocument(stage) ? Object.keys(stage)[0] : undefined
    if (!isDocument(stage) || name === undefined || !ALLOWED.has(name)) {
      throw new ServerError(
        'InvalidOptions',
        `${name ?? 'An empty stage'} is not allowed to be used within an update`,
      )
    }
    return compileDocumentStage(name, stage[name] as BsonValue, options)
  })
  return (document) => steps.reduce((current, step) => step(current), document)
}
