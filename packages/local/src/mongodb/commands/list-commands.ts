import { Binary } from 'bson'
import { encodeDocument } from '../bson/encode.ts'
import { integer, isDocument, type BsonDocument } from '../bson/value.ts'
import type { Collection } from '../catalog/collection.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { batchSizeOf, cursorReply } from '../cursor/cursor-reply.ts'
import { iterableSource } from '../cursor/cursors.ts'
import { compileFilter } from '../query/filter.ts'
import type { Command, CommandContext } from './command.ts'

/** The `listCollections` command. */
export const listCollectionsCommand: Command = {
  fields: {
    fields: {
      listCollections: 'any',
      filter: 'object',
      nameOnly: 'boolean',
      cursor: 'object',
      authorizedCollections: 'boolean',
    },
  },
  run: (context) => {
    const { body, db, server } = context
    const filter = compileFilter(isDocument(body['filter']) ? body['filter'] : {})
    const nameOnly = body['nameOnly'] === true
    const documents = server.engine.catalog
      .list(db)
      .map(describe)
      .filter((document) => filter.matches(document))
      .map((document) =>
        encodeDocument(nameOnly ? { name: document['name'], type: document['type'] } : document),
      )
    const cursor = body['cursor']
    return cursorReply(context, `${db}.$cmd.listCollections`, iterableSource(documents, 'known'), {
      batchSize: batchSizeOf(isDocument(cursor) ? cursor['batchSize'] : undefined),
    })
  },
}

function describe(collection: Collection): BsonDocument {
  const { namespace, options } = collection
  if (collection.view) {
    return { name: namespace.collection, type: 'view', options, info: { readOnly: true } }
  }
  const uuid = new Binary(collection.uuid, 4)
  const info = { readOnly: false, uuid }
  if (collection.timeseries) {
    return { name: namespace.collection, type: 'timeseries', options, info: { readOnly: false } }
  }
  const described = { name: namespace.collection, type: 'collection', options, info }
  const [idIndex] = collection.indexes
  return collection.clustered || !idIndex ? described : { ...described, idIndex: idIndex.spec }
}

/** The `listDatabases` command. */
export const listDatabasesCommand: Command = {
  fields: {
    fields: {
      listDatabases: 'any',
      filter: 'object',
      nameOnly: 'boolean',
      authorizedDatabases: 'boolean',
    },
  },
  run: (context) => {
    const { body, server } = context
    const filter = compileFilter(isDocument(body['filter']) ? body['filter'] : {})
    const nameOnly = body['nameOnly'] === true
    const names = [
      ...new Set(server.engine.catalog.list().map(({ namespace }) => namespace.db)),
    ].sort()
    const sizes = new Map(names.map((name) => [name, databaseSize(context, name)]))
    const databases = names
      .map((name): BsonDocument => ({
        name,
        sizeOnDisk: integer(sizes.get(name) ?? 0),
        empty: false,
      }))
      .filter((document) => filter.matches(document))
    if (nameOnly) return { databases: databases.map(({ name }) => ({ name })) }
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    return {
      databases,
      totalSize: integer(total),
      totalSizeMb: integer(Math.floor(total / 2 ** 20)),
    }
  },
}

function databaseSize({ server }: CommandContext, db: string): number {
  return server.engine.catalog
    .list(db)
    .reduce((sum, collection) => sum + server.engine.rows.size(collection.id), 0)
}

/** The `collStats` command. */
export const collStatsCommand: Command = {
  run: ({ server, db, body }) => {
    const ns = namespaceIn(db, body['collStats']).full
    const collection = server.engine.catalog.find(ns)
    const count = collection ? server.engine.rows.count(collection.id) : 0
    const size = collection ? server.engine.rows.size(collection.id) : 0
    return {
      ns,
      count: integer(count),
      size: integer(size),
      storageSize: integer(size),
      nindexes: collection?.indexes.length ?? 0,
      ...(count > 0 ? { avgObjSize: integer(Math.floor(size / count)) } : {}),
    }
  },
}

/** The `dbStats` command. */
export const dbStatsCommand: Command = {
  run: (context) => {
    const collections = context.server.engine.catalog.list(context.db)
    const { rows } = context.server.engine
    const objects = collections.reduce((sum, collection) => sum + rows.count(collection.id), 0)
    const indexes = collections.reduce((sum, collection) => sum + collection.indexes.length, 0)
    const views = collections.filter((collection) => collection.view).length
    return {
      db: context.db,
      collections: collections.length - views,
      views,
      objects: integer(objects),
      dataSize: integer(databaseSize(context, context.db)),
      indexes,
    }
  },
}
