import { encodeDocument, type EncodableDocument } from '../bson/encode.ts'
import { isDocument, type BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { batchSizeOf, cursorReply } from '../cursor/cursor-reply.ts'
import { iterableSource } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import { openChangeStream } from '../change-stream/open-change-stream.ts'
import { runPipeline } from '../pipeline/run-pipeline.ts'
import { splitOutput, writeOutput } from '../pipeline/output-stages.ts'
import { collationOf } from '../query/collation.ts'
import { READ_CONCERNS, type Command, type CommandContext } from './command.ts'
import { variablesOf } from './command-variables.ts'

/** The `aggregate` command. */
export const aggregateCommand: Command = {
  inTransaction: true,
  readConcerns: READ_CONCERNS,
  fields: {
    fields: {
      aggregate: 'any',
      pipeline: 'array',
      explain: 'boolean',
      allowDiskUse: 'boolean',
      cursor: 'object',
      bypassDocumentValidation: 'boolean',
      collation: 'object',
      hint: 'hint',
      let: 'object',
      fromMongos: 'boolean',
      needsMerge: 'boolean',
      isMapReduceCommand: 'boolean',
      collectionUUID: 'any',
      encryptionInformation: 'object',
      unwrappedReadPref: 'object',
      legacyRuntimeConstants: 'object',
    },
    required: ['pipeline'],
  },
  run: async (context) => {
    const { body } = context
    const pipeline = body['pipeline']
    if (!Array.isArray(pipeline) || !pipeline.every(isDocument)) {
      throw new ServerError(
        'TypeMismatch',
        "'pipeline' option must be specified as an array of objects",
      )
    }
    if (!isDocument(body['cursor'])) {
      throw new ServerError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      )
    }
    const [first] = pipeline
    if (first && '$changeStream' in first) return openChangeStream(context, pipeline)
    if (body['aggregate'] === 1) assertWithoutCollection(first)
    const ns =
      body['aggregate'] === 1
        ? `${context.db}.$cmd.aggregate`
        : namespaceIn(context.db, body['aggregate']).full
    return aggregate(context, ns, pipeline)
  },
}

const WITHOUT_COLLECTION = new Set(['$documents', '$listLocalSessions', '$currentOp'])

function assertWithoutCollection(first: BsonDocument | undefined): void {
  const [name] = Object.keys(first ?? {})
  if (name !== undefined && WITHOUT_COLLECTION.has(name)) return
  const subject = name === undefined ? 'an empty pipeline' : `'${name}'`
  throw new ServerError(
    'InvalidNamespace',
    `{aggregate: 1} is not valid for ${subject}; a collection is required.`,
  )
}

/** Runs a pipeline over a namespace and answers with a cursor. */
export async function aggregate(
  context: CommandContext,
  ns: string,
  pipeline: readonly BsonDocument[],
): Promise<EncodableDocument> {
  const { body } = context
  const { reading, output } = splitOutput(pipeline)
  const environment = {
    context,
    db: context.db,
    collation: body['collation'] === undefined ? undefined : collationOf(body['collation']),
    variables: variablesOf(body),
    hint: typeof body['hint'] === 'string' || isDocument(body['hint']) ? body['hint'] : undefined,
  }
  const documents = runPipeline(environment, ns, reading)
  if (output) {
    await writeOutput(context, output, documents)
    return cursorReply(context, ns, iterableSource([], 'known'), { batchSize: undefined })
  }
  const cursor = body['cursor']
  return cursorReply(context, ns, iterableSource(encoded(documents)), {
    batchSize: batchSizeOf(isDocument(cursor) ? cursor['batchSize'] : undefined),
  })
}

/** Runs a pipeline over a view. */
export async function aggregateView(
  context: CommandContext,
  view: Collection,
  pipeline: readonly BsonDocument[],
): Promise<EncodableDocument> {
  return aggregate(context, view.ns, pipeline)
}

function* encoded(documents: Iterable<BsonDocument>): Generator<Buffer> {
  for (const document of documents) yield encodeDocument(document)
}
