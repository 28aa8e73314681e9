import { logChange, placeOf } from '../catalog/catalog-changes.ts'
import type { Collection } from '../catalog/collection.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import type { Engine } from '../store/engine.ts'
import type { Command } from './command.ts'

/** The `drop` command. */
export const dropCommand: Command = {
  changesCatalog: true,
  fields: { fields: { drop: 'any', collectionUUID: 'any' } },
  run: async (context) => {
    const { engine } = context.server
    const ns = namespaceIn(context.db, context.body['drop']).full
    await context.server.transactions.untilUnused(ns)
    return engine.storage.write(() => {
      const collection = engine.catalog.find(ns)
      // Since version 7 dropping what is not there is no error.
      if (!collection) return {}
      dropCollection(engine, collection)
      return collection.view ? { ns } : { nIndexesWas: collection.indexes.length, ns }
    })
  },
}

/** The `dropDatabase` command. */
export const dropDatabaseCommand: Command = {
  changesCatalog: true,
  fields: { fields: { dropDatabase: 'any' } },
  run: async (context) => {
    const { engine, transactions } = context.server
    for (const { ns } of engine.catalog.list(context.db)) await transactions.untilUnused(ns)
    return engine.storage.write(() => {
      const collections = engine.catalog.list(context.db)
      for (const collection of collections) dropCollection(engine, collection)
      if (collections.length > 0)
        logChange(engine, { operation: 'dropDatabase', db: context.db, collection: '' })
      return collections.length > 0 ? { dropped: context.db } : {}
    })
  },
}

function dropCollection(engine: Engine, collection: Collection): void {
  engine.catalog.remove(collection)
  logChange(engine, { operation: 'drop', ...placeOf(collection) })
}
