import { Binary } from 'bson'
import { isDocument, type BsonDocument } from '../bson/value.ts'
import { logChange, placeOf } from '../catalog/catalog-changes.ts'
import type { Collection } from '../catalog/collection.ts'
import { assertValidation } from '../catalog/collection-options.ts'
import { namespaceIn } from '../catalog/namespace.ts'
import { ServerError } from '../errors/server-error.ts'
import { modifyIndex } from '../index/modify-index.ts'
import { compileFilter } from '../query/filter.ts'
import type { Engine } from '../store/engine.ts'
import type { Command } from './command.ts'

const OPTIONS = {
  validator: 'object',
  validationLevel: 'string',
  validationAction: 'string',
  changeStreamPreAndPostImages: 'object',
  viewOn: 'string',
  pipeline: 'array',
  expireAfterSeconds: 'any',
} as const

/** The `collMod` command. */
export const collModCommand: Command = {
  changesCatalog: true,
  fields: {
    fields: {
      collMod: 'any',
      index: 'object',
      ...OPTIONS,
      cappedSize: 'number',
      cappedMax: 'number',
      timeseries: 'object',
      dryRun: 'boolean',
      collectionUUID: 'any',
      recordPreImages: 'boolean',
    },
  },
  run: async ({ server, db, body }) => {
    const ns = namespaceIn(db, body['collMod']).full
    await server.transactions.untilUnused(ns)
    const { engine } = server
    return engine.storage.write(() => {
      const collection = engine.catalog.find(ns)
      if (!collection) throw new ServerError('NamespaceNotFound', `ns does not exist: ${ns}`)
      return modify(engine, collection, body)
    })
  },
}

function modify(engine: Engine, collection: Collection, body: BsonDocument): BsonDocument {
  assertAllowed(collection, body)
  // A validator that is wrong is refused before anything has changed.
  if (isDocument(body['validator'])) compileFilter(body['validator'])
  const { collMod: _name, ...parameters } = ownFields(body)
  const changed = Object.keys(OPTIONS).filter((name) => body[name] !== undefined)
  const stateBeforeChange = {
    collectionOptions: { uuid: new Binary(collection.uuid, 4), ...collection.options },
  }
  const reply = isDocument(body['index'])
    ? modifyIndex(engine, collection, body['index'], body['dryRun'] === true)
    : {}
  if (body['dryRun'] === true) return reply
  const options = { ...collection.options }
  for (const name of changed) options[name] = body[name]
  for (const [field, option] of [
    ['cappedSize', 'size'],
    ['cappedMax', 'max'],
  ] as const)
    if (body[field] !== undefined) options[option] = body[field]
  if (isDocument(body['timeseries']) && isDocument(options['timeseries']))
    options['timeseries'] = { ...options['timeseries'], ...body['timeseries'] }
  collection.applyOptions(options)
  engine.catalog.update(collection)
  logChange(engine, {
    operation: 'modify',
    ...placeOf(collection),
    details: parameters,
    stateBefore: stateBeforeChange,
  })
  return reply
}

const GENERIC = ['lsid', 'txnNumber', 'writeConcern', 'readConcern', 'comment', 'maxTimeMS']

function ownFields(body: BsonDocument): BsonDocument {
  return Object.fromEntries(
    Object.entries(body).filter(
      ([name]) => !name.startsWith('$') && !name.startsWith('api') && !GENERIC.includes(name),
    ),
  )
}

function assertAllowed(collection: Collection, body: BsonDocument): void {
  assertValidation(body)
  const names = Object.keys(ownFields(body)).filter((name) => name !== 'collMod')
  const refused = (reason: string) => new ServerError('InvalidOptions', reason)
  if (collection.view) {
    const other = names.find((name) => name !== 'viewOn' && name !== 'pipeline')
    if (other !== undefined) throw refused(`option not supported on a view: ${other}`)
  } else if (body['viewOn'] !== undefined || body['pipeline'] !== undefined) {
    throw refused("'viewOn' and 'pipeline' can only be changed for views")
  }
  if (body['timeseries'] !== undefined && !collection.timeseries)
    throw refused('option only supported on a time-series collection: timeseries')
  if (collection.timeseries) {
    const other = names.find(
      (name) => !['index', 'expireAfterSeconds', 'timeseries'].includes(name),
    )
    if (other !== undefined)
      throw refused(`option not supported on a time-series collection: ${other}`)
  } else if (body['expireAfterSeconds'] !== undefined && !collection.clustered) {
    throw refused("'expireAfterSeconds' can only be used with clustered or time-series collections")
  }
  const capped = collection.options['capped'] === true
  if (!capped && (body['cappedSize'] !== undefined || body['cappedMax'] !== undefined))
    throw refused('Collection must be capped.')
}
