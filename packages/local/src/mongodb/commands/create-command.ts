import { printDocument } from '../bson/print-value.ts'
import { creation, logChange } from '../catalog/catalog-changes.ts'
import { collectionOptions, CREATE_FIELDS } from '../catalog/collection-options.ts'
import { assertCreatable, namespaceIn } from '../catalog/namespace.ts'
import { ServerError } from '../errors/server-error.ts'
import { isSame } from '../update/update-description.ts'
import { findCollection } from '../write/target-collection.ts'
import type { Command } from './command.ts'

/** The `create` command: collections and views. */
export const createCommand: Command = {
  inTransaction: true,
  changesCatalog: true,
  fields: {
    fields: {
      create: 'any',
      ...CREATE_FIELDS,
      autoIndexId: 'boolean',
      idIndex: 'object',
      temp: 'boolean',
      flags: 'number',
    },
  },
  run: async (context) => {
    const namespace = namespaceIn(context.db, context.body['create'])
    assertCreatable(namespace)
    const options = collectionOptions(context.body)
    const { engine } = context.server
    const existing = findCollection(context, namespace.full)
    if (existing) {
      if (isSame(existing.options, options)) return {}
      throw new ServerError(
        'NamespaceExists',
        `namespace ${namespace.full} already exists, but with different options: ${printDocument(existing.options)}`,
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
      logChange(engine, creation(collection))
    })
    return {}
  },
}
