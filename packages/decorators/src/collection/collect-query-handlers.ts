import { type Constructor, Query, type QueryHandlerDefinition } from '@varve/core'
import { queryHandlerKey } from '../message/query-handler.ts'
import { ownRecords } from '../metadata/metadata.ts'
import { className } from './class-name.ts'
import { collectReadModel } from './collect-read-model.ts'
import type { Collection } from './collection.ts'

interface Answering {
  execute(query: Query<unknown>, ...views: readonly unknown[]): unknown
}

/** Makes query handlers of a class: one for each `@QueryHandler` on it. */
export function collectQueryHandlers(
  collection: Collection,
  handlerClass: Constructor,
): readonly QueryHandlerDefinition[] {
  const name = className(handlerClass)
  const records = ownRecords(queryHandlerKey, handlerClass)
  if (records.length > 0) collection.checkExecute(handlerClass)
  return records.map(({ query, reads }) => {
    checkQuery(collection, name, query)
    return {
      kind: 'query-handler',
      query,
      reads: reads.map((model) => collectReadModel(collection, model, `${name} reads`)),
      execute: (message, views, scope) =>
        scope.resolve(handlerClass as Constructor<Answering>).execute(message, ...views),
    }
  })
}

function checkQuery(collection: Collection, name: string, query: unknown): void {
  if (typeof query === 'function' && query.prototype instanceof Query) return
  const found = className(query)
  collection.mistakes.push(
    `${name} answers ${found}, which is no query: it does not extend Query. Write "class ${found} extends Query<Result>".`,
  )
}
