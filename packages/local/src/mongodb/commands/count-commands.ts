import { encodeKey } from '../bson/key-encoding.ts'
import { integer, isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { runPipeline } from '../pipeline/run-pipeline.ts'
import { collationOf, SIMPLE_COLLATION } from '../query/collation.ts'
import { compileFilter } from '../query/filter.ts'
import { findDocuments } from '../query/find-documents.ts'
import { arrayIndexOf } from '../query/path-values.ts'
import { fieldOf } from '../bson/value.ts'
import { findCollection } from '../write/target-collection.ts'
import { missingField } from './command-fields.ts'
import { READ_CONCERNS, type Command, type CommandContext } from './command.ts'
import { numberOf } from './find-command.ts'
import { variablesOf } from './command-variables.ts'
import { timestampOf } from '../bson/value.ts'

/** The `count` command. */
export const countCommand: Command = {
  readConcerns: ['available', 'majority', 'linearizable'],
  fields: {
    fields: {
      count: 'any',
      query: 'object',
      limit: 'number',
      skip: 'number',
      hint: 'hint',
      collation: 'object',
      fields: 'object',
      queryOptions: 'object',
      collectionUUID: 'any',
      encryptionInformation: 'object',
    },
  },
  run: (context) => {
    const { body } = context
    const skip = numberOf(body, 'skip')
    const limit = Math.abs(numberOf(body, 'limit')) || Infinity
    const query = isDocument(body['query']) ? body['query'] : {}
    const ns = namespaceIn(context.db, body['count']).full
    const collection = findCollection(context, ns)
    const plain =
      Object.keys(query).length === 0 &&
      context.view.snapshotTs === undefined &&
      body['hint'] === undefined
    const total =
      plain && collection && !collection.view
        ? context.server.engine.rows.count(collection.id)
        : countMatches(context, ns, query)
    return { n: integer(Math.min(Math.max(0, total - skip), limit)) }
  },
}

function countMatches(context: CommandContext, ns: string, query: BsonDocument): number {
  let total = 0
  for (const _ of matching(context, ns, query)) total += 1
  return total
}

/** The `distinct` command. */
export const distinctCommand: Command = {
  inTransaction: true,
  readConcerns: READ_CONCERNS,
  fields: {
    fields: {
      distinct: 'any',
      key: 'string',
      query: 'object',
      collation: 'object',
      hint: 'hint',
      collectionUUID: 'any',
    },
    required: ['key'],
  },
  run: (context) => {
    const { body } = context
    const { key } = body
    if (typeof key !== 'string') throw missingField('distinct.key')
    const ns = namespaceIn(context.db, body['distinct']).full
    const query = isDocument(body['query']) ? body['query'] : {}
    const collation =
      body['collation'] === undefined ? SIMPLE_COLLATION : collationOf(body['collation'])
    const values = new Map<string, BsonValue>()
    const path = key.split('.')
    for (const document of matching(context, ns, query)) {
      collect(document, path, 0, (value) => {
        const text = encodeKey(value, collation.key).toString('latin1')
        if (!values.has(text)) values.set(text, value)
      })
    }
    const { snapshotTs } = context.view
    const time =
      context.transaction || snapshotTs === undefined
        ? {}
        : { atClusterTime: timestampOf(snapshotTs) }
    return { values: [...values.values()], ...time }
  },
}

function* matching(
  context: CommandContext,
  ns: string,
  query: BsonDocument,
): Generator<BsonDocument> {
  const { body } = context
  const collection = findCollection(context, ns)
  if (!collection) {
    compileFilter(query)
    return
  }
  const collation =
    body['collation'] === undefined ? collection.collation : collationOf(body['collation'])
  const variables = variablesOf(body)
  if (collection.view) {
    yield* runPipeline({ context, db: context.db, collation, variables }, ns, [{ $match: query }])
    return
  }
  const { hint } = body
  const { matches } = findDocuments(context.server.engine, context.view, collection, {
    filter: compileFilter(query, { collation, variables }),
    ...(typeof hint === 'string' || isDocument(hint) ? { hint } : {}),
  })
  for (const match of matches) yield match.document
}

function collect(
  node: BsonValue | undefined,
  path: readonly string[],
  depth: number,
  add: (value: BsonValue) => void,
): void {
  const name = path[depth]
  if (name === undefined) {
    if (Array.isArray(node)) node.forEach(add)
    else if (node !== undefined) add(node)
  } else if (isDocument(node)) collect(fieldOf(node, name), path, depth + 1, add)
  else if (Array.isArray(node)) {
    const index = arrayIndexOf(name)
    if (index !== undefined && index < node.length) collect(node[index], path, depth + 1, add)
    else for (const item of node) if (isDocument(item)) collect(item, path, depth, add)
  }
}
