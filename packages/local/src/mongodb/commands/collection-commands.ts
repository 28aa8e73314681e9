import { plainText } from '../bson/print-value.ts'
import { isDocument, isNumeric, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { isSame } from '../update/update-description.ts'
import type { Collection } from '../catalog/collection.ts'
import { assertCreatable, namespaceIn, namespaceOf } from '../catalog/namespace.ts'
import type { ChangeEntry } from '../change-stream/change-entry.ts'
import { ServerError } from '../errors/server-error.ts'
import { hintedIndex } from '../index/plan-query.ts'
import type { Engine } from '../store/engine.ts'
import { findCollection } from '../write/target-collection.ts'
import type { Command, CommandContext } from './command.ts'

const CREATE_OPTIONS = [
  'capped',
  'size',
  'max',
  'viewOn',
  'pipeline',
  'collation',
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
  'storageEngine',
  'indexOptionDefaults',
  'expireAfterSeconds',
  'timeseries',
  'clusteredIndex',
  'encryptedFields',
  'flags',
  'autoIndexId',
  'idIndex',
  'temp',
] as const

/** The `create` command: collections and views. */
export const createCommand: Command = {
  inTransaction: true,
  fields: new Set(['create', ...CREATE_OPTIONS]),
  run: async (context) => {
    const namespace = namespaceIn(context.db, context.body['create'])
    assertCreatable(namespace)
    const options = optionsOf(context.body)
    const { engine } = context.server
    const existing = findCollection(context, namespace.full)
    if (existing) {
      if (sameOptions(existing.options, options)) return {}
      throw new ServerError(
        'NamespaceExists',
        `namespace ${namespace.full} already exists, but with different options: {}`,
      )
    }
    const collection = engine.catalog.draft(namespace.full, options)
    if (context.transaction) {
      collection.committed = false
      context.transaction.created.push(collection)
      return {}
    }
    await engine.storage.write(() => {
      if (engine.catalog.find(namespace.full)) return
      engine.catalog.add(collection)
      logChange(engine, {
        operation: 'create',
        ...placeOf(collection),
        details: { idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } },
      })
    })
    return {}
  },
}

function optionsOf(body: BsonDocument): BsonDocument {
  for (const name of ['timeseries', 'clusteredIndex', 'encryptedFields', 'capped']) {
    const value = body[name]
    if (value !== undefined && value !== false) {
      throw new ServerError(
        'CommandNotSupported',
        `Collections with '${name}' are not supported by the development server`,
      )
    }
  }
  if (body['pipeline'] !== undefined && body['viewOn'] === undefined) {
    throw new ServerError('InvalidOptions', "'pipeline' requires 'viewOn' to also be specified")
  }
  const kept = CREATE_OPTIONS.filter((name) => body[name] !== undefined && body[name] !== false)
  return Object.fromEntries(kept.map((name) => [name, body[name]]))
}

function sameOptions(left: BsonDocument, right: BsonDocument): boolean {
  return isSame(left, right)
}

/** The `drop` command. */
export const dropCommand: Command = {
  run: async (context) => {
    const { engine } = context.server
    const ns = namespaceIn(context.db, context.body['drop']).full
    await context.server.transactions.untilUnused(ns)
    return engine.storage.write(() => {
      const collection = engine.catalog.find(ns)
      // Since version 7 dropping what is not there is no error.
      if (!collection) return {}
      dropCollection(engine, collection)
      return { nIndexesWas: collection.indexes.length, ns }
    })
  },
}

function dropCollection(engine: Engine, collection: Collection): void {
  engine.catalog.remove(collection)
  logChange(engine, { operation: 'drop', ...placeOf(collection) })
}

/** The `dropDatabase` command. */
export const dropDatabaseCommand: Command = {
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

/** The `renameCollection` command. */
export const renameCollectionCommand: Command = {
  run: async (context) => {
    const { engine, transactions } = context.server
    if (context.db !== 'admin')
      throw new ServerError(
        'Unauthorized',
        'renameCollection may only be run against the admin database.',
      )
    const from = plainText(context.body['renameCollection'])
    const to = namespaceIn(
      namespaceOf(plainText(context.body['to'])).db,
      namespaceOf(plainText(context.body['to'])).collection,
    )
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
  logChange(engine, {
    operation: 'rename',
    ...place,
    details: { to: { db, coll }, ...(target ? { dropTarget: true } : {}) },
  })
}

const COLL_MOD_OPTIONS = [
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
  'viewOn',
  'pipeline',
]

/** The `collMod` command. */
export const collModCommand: Command = {
  fields: new Set([
    'collMod',
    'index',
    'cappedSize',
    'cappedMax',
    'dryRun',
    'expireAfterSeconds',
    'timeseries',
    ...COLL_MOD_OPTIONS,
  ]),
  run: async (context) => {
    const ns = namespaceIn(context.db, context.body['collMod']).full
    await context.server.transactions.untilUnused(ns)
    const { engine } = context.server
    return engine.storage.write(() => modify(context, engine, ns))
  },
}

function modify(context: CommandContext, engine: Engine, ns: string): BsonDocument {
  const collection = engine.catalog.find(ns)
  if (!collection) throw new ServerError('NamespaceNotFound', 'ns does not exist')
  const changes = COLL_MOD_OPTIONS.filter((name) => context.body[name] !== undefined)
  const options = { ...collection.options }
  for (const name of changes) options[name] = context.body[name]
  collection.applyOptions(options)
  engine.catalog.update(collection)
  const { index } = context.body
  return isDocument(index) ? modifyIndex(engine, collection, index) : {}
}

function modifyIndex(engine: Engine, collection: Collection, change: BsonDocument): BsonDocument {
  const { name, keyPattern, hidden, expireAfterSeconds } = change
  const hint = typeof name === 'string' ? name : isDocument(keyPattern) ? keyPattern : ''
  const index = hintedIndex(collection, hint)
  if (!index)
    throw new ServerError(
      'IndexNotFound',
      `cannot find index ${plainText(name)} for ns ${collection.ns}`,
    )
  const reply: BsonDocument = {}
  const set = (field: string, value: BsonValue) => {
    reply[`${field}_old`] = index.spec[field] ?? (field === 'hidden' ? false : null)
    reply[`${field}_new`] = value
    index.spec = { ...index.spec, [field]: value }
  }
  if (typeof hidden === 'boolean') set('hidden', hidden)
  if (isNumeric(expireAfterSeconds)) set('expireAfterSeconds', expireAfterSeconds)
  engine.catalog.updateIndex(index)
  return reply
}

/** Where a change of a collection happened. */
export function placeOf(collection: Collection): { db: string; collection: string; uuid: Buffer } {
  const { db, collection: name } = collection.namespace
  return { db, collection: name, uuid: collection.uuid }
}

/** Logs a change of the catalog. Runs inside a storage job. */
export function logChange(engine: Engine, entry: ChangeEntry): void {
  engine.changes.append({ ts: engine.clock.next(), wallTime: new Date(), entries: [entry] })
}
