import { decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { plainText, printDocument } from '../bson/print-value.ts'
import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { batchSizeOf, cursorReply } from '../cursor/cursor-reply.ts'
import { iterableSource } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import { checkedSpec, existingIndex } from '../index/index-spec.ts'
import type { CollectionIndex } from '../index/collection-index.ts'
import { sameKeyPattern } from '../index/key-pattern.ts'
import { duplicateKey } from '../store/document-writer.ts'
import type { Engine } from '../store/engine.ts'
import { around, entryKey } from '../store/store-keys.ts'
import { scan } from '../store/scan.ts'
import { COLLECTION_SCAN } from '../index/plan-query.ts'
import { CurrentView } from '../store/read-view.ts'
import { findCollection, writableCollection } from '../write/target-collection.ts'
import type { Command, CommandContext } from './command.ts'
import { logChange, placeOf } from '../catalog/catalog-changes.ts'

/** The `createIndexes` command. */
export const createIndexesCommand: Command = {
  inTransaction: true,
  changesCatalog: true,
  fields: {
    fields: {
      createIndexes: 'any',
      indexes: 'array',
      commitQuorum: 'any',
      ignoreUnknownIndexOptions: 'boolean',
      v: 'any',
    },
    required: ['indexes'],
  },
  run: async (context) => {
    const namespace = namespaceIn(context.db, context.body['createIndexes'])
    const specs = context.body['indexes']
    if (!Array.isArray(specs) || specs.length === 0)
      throw new ServerError('BadValue', 'Must specify at least one index to create')
    const given = specs.map((spec) => checkedSpec(spec))
    const { engine, transactions } = context.server
    if (context.transaction) return createInTransaction(context, given)
    await transactions.untilUnused(namespace.full)
    return engine.storage.write(() => {
      const createdCollectionAutomatically = engine.catalog.find(namespace.full) === undefined
      const collection = writableCollection(context, namespace)
      const before = collection.indexes.length
      for (const spec of given) build(engine, collection, spec)
      const after = collection.indexes.length
      const note = before === after ? { note: 'all indexes already exist' } : {}
      return {
        numIndexesBefore: before,
        numIndexesAfter: after,
        createdCollectionAutomatically,
        ...note,
      }
    })
  },
}

/** In a transaction only collections it has created itself, or that are empty, get indexes. */
function createInTransaction(
  context: CommandContext,
  specs: readonly BsonDocument[],
): BsonDocument {
  const namespace = namespaceIn(context.db, context.body['createIndexes'])
  const collection = writableCollection(context, namespace)
  const before = collection.indexes.length
  for (const spec of specs) {
    if (existingIndex(collection, spec)) continue
    if (collection.committed) {
      throw new ServerError(
        'OperationNotSupportedInTransaction',
        `Cannot create new indexes on existing collection ${namespace.full} in a multi-document transaction.`,
      )
    }
    collection.indexes.push(context.server.engine.catalog.draftIndex(collection, spec))
  }
  return {
    numIndexesBefore: before,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically: !collection.committed,
  }
}

function build(engine: Engine, collection: Collection, spec: BsonDocument): void {
  if (existingIndex(collection, spec)) return
  const index = engine.catalog.draftIndex(collection, spec)
  const source = {
    rows: engine.rows,
    view: new CurrentView(engine.rows),
    counters: { keys: 0, documents: 0 },
  }
  for (const row of scan(source, collection, COLLECTION_SCAN)) {
    const { keys, tuples, multikey } = index.keysOf(decodeDocument(row.bytes))
    if (multikey) index.multikey = true
    keys.forEach((key, position) => {
      const taken =
        index.unique &&
        engine.rows.entryOwners(...around(index.id, key)).some((rid) => rid !== row.rid)
      if (taken) throw duplicateKey(collection, index, tuples[position] ?? [])
      engine.rows.insertEntry(entryKey(index.id, key, row.rid), row.rid)
    })
  }
  engine.catalog.addIndex(collection, index)
  logChange(engine, {
    operation: 'createIndexes',
    ...placeOf(collection),
    details: { indexes: [index.spec] },
  })
}

/** The `listIndexes` command. */
export const listIndexesCommand: Command = {
  fields: {
    fields: {
      listIndexes: 'any',
      cursor: 'object',
      includeBuildUUIDs: 'boolean',
      includeIndexBuildInfo: 'boolean',
    },
  },
  run: (context) => {
    const namespace = namespaceIn(context.db, context.body['listIndexes'])
    const collection = findCollection(context, namespace.full)
    if (!collection)
      throw new ServerError('NamespaceNotFound', `ns does not exist: ${namespace.full}`)
    if (collection.view)
      throw new ServerError(
        'CommandNotSupportedOnView',
        `Namespace ${namespace.full} is a view, not a collection`,
      )
    const cursor = context.body['cursor']
    const documents = collection.indexes.map((index) => encodeDocument(index.spec))
    return cursorReply(context, namespace.full, iterableSource(documents, 'known'), {
      batchSize: batchSizeOf(isDocument(cursor) ? cursor['batchSize'] : undefined),
    })
  },
}

/** The `dropIndexes` command. */
export const dropIndexesCommand: Command = {
  changesCatalog: true,
  fields: {
    fields: { dropIndexes: 'any', index: 'any', collectionUUID: 'any' },
    required: ['index'],
  },
  run: async (context) => {
    const { engine, transactions } = context.server
    const ns = namespaceIn(context.db, context.body['dropIndexes']).full
    await transactions.untilUnused(ns)
    return engine.storage.write(() => {
      const collection = engine.catalog.find(ns)
      if (!collection) throw new ServerError('NamespaceNotFound', `ns not found ${ns}`)
      const nIndexesWas = collection.indexes.length
      const dropped = indexesToDrop(collection, context.body['index'])
      for (const index of dropped) engine.catalog.removeIndex(collection, index)
      if (dropped.length > 0) {
        const indexes = dropped.map((index) => index.spec)
        logChange(engine, {
          operation: 'dropIndexes',
          ...placeOf(collection),
          details: { indexes },
        })
      }
      return { nIndexesWas }
    })
  },
}

function indexesToDrop(collection: Collection, wanted: BsonValue | undefined): CollectionIndex[] {
  if (wanted === '*') return collection.indexes.filter((index) => !index.isIdIndex)
  if (Array.isArray(wanted)) return wanted.flatMap((name) => indexesToDrop(collection, name))
  const index = collection.indexes.find((other) =>
    isDocument(wanted) ? sameKeyPattern(other.keyPattern, wanted) : other.name === wanted,
  )
  if (!index) {
    const text = isDocument(wanted)
      ? `can't find index with key: ${printDocument(wanted)}`
      : `index not found with name [${plainText(wanted)}]`
    throw new ServerError('IndexNotFound', text)
  }
  if (index.isIdIndex) throw new ServerError('InvalidOptions', 'cannot drop _id index')
  return [index]
}
