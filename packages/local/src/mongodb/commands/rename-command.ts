import { Binary } from 'bson'
import { plainText } from '../bson/print-value.ts'
import { logChange, placeOf } from '../catalog/catalog-changes.ts'
import { assertCreatable, namespaceIn, namespaceOf } from '../catalog/namespace.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Engine } from '../store/engine.ts'
import type { Command } from './command.ts'

/** The `renameCollection` command. */
export const renameCollectionCommand: Command = {
  changesCatalog: true,
  fields: {
    fields: {
      renameCollection: 'string',
      to: 'string',
      dropTarget: 'boolean',
      stayTemp: 'boolean',
      collectionUUID: 'any',
    },
    required: ['to'],
  },
  run: async (context) => {
    const { engine, transactions } = context.server
    if (context.db !== 'admin')
      throw new ServerError(
        'Unauthorized',
        'renameCollection may only be run against the admin database.',
      )
    const from = plainText(context.body['renameCollection'])
    const target = namespaceOf(plainText(context.body['to']))
    const to = namespaceIn(target.db, target.collection)
    if (from === to.full)
      throw new ServerError('IllegalOperation', "Can't rename a collection to itself")
    assertCreatable(to)
    await transactions.untilUnused(from)
    await transactions.untilUnused(to.full)
    await engine.storage.write(() =>
      rename(engine, from, to.full, context.body['dropTarget'] === true),
    )
    return {}
  },
}

function rename(engine: Engine, from: string, to: string, dropTarget: boolean): void {
  const collection = engine.catalog.find(from)
  if (!collection)
    throw new ServerError('NamespaceNotFound', `Source collection ${from} does not exist`)
  if (collection.view)
    throw new ServerError(
      'CommandNotSupportedOnView',
      `Namespace ${from} is a view, not a collection`,
    )
  if (collection.timeseries)
    throw new ServerError('IllegalOperation', `Cannot rename time-series collection ${from}`)
  const target = engine.catalog.find(to)
  if (target && !dropTarget) throw new ServerError('NamespaceExists', 'target namespace exists')
  if (namespaceOf(from).db !== namespaceOf(to).db) {
    throw new ServerError(
      'CommandNotSupported',
      'Renaming to another database is not supported by the development server',
    )
  }
  const place = placeOf(collection)
  if (target) engine.catalog.remove(target)
  engine.catalog.rename(collection, to)
  const { db, collection: coll } = collection.namespace
  const dropped = target ? { dropTarget: new Binary(target.uuid, 4) } : {}
  logChange(engine, { operation: 'rename', ...place, details: { to: { db, coll }, ...dropped } })
}
