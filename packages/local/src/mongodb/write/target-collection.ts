import { creation, logChange } from '../catalog/catalog-changes.ts'
import type { Collection } from '../catalog/collection.ts'
import { assertCreatable, type Namespace } from '../catalog/namespace.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'

/** The collection a command reads; the transaction's own new collections included. */
export function findCollection(context: CommandContext, ns: string): Collection | undefined {
  context.transaction?.touched.add(ns)
  return (
    context.transaction?.created.find((collection) => collection.ns === ns) ??
    context.server.engine.catalog.find(ns)
  )
}

/**
 * The collection a command writes to; it is created when it does not exist.
 *
 * @throws {ServerError} The namespace is a view, or must not be created.
 */
export function writableCollection(context: CommandContext, namespace: Namespace): Collection {
  const existing = findCollection(context, namespace.full)
  if (existing?.view) {
    throw new ServerError(
      'CommandNotSupportedOnView',
      `Namespace ${namespace.full} is a view, not a collection`,
    )
  }
  if (existing) return existing
  assertCreatable(namespace)
  const { engine } = context.server
  const collection = engine.catalog.draft(namespace.full, {})
  if (context.transaction) {
    collection.committed = false
    context.transaction.created.push(collection)
  } else {
    engine.catalog.add(collection)
    logChange(engine, creation(collection))
  }
  return collection
}
