import type { QueryHandlerDefinition } from '../message/query-handler-definition.ts'
import type { StoredModel } from './tenant-projection.ts'
import { requireTenant } from './tenant-id.ts'
import { TenantView } from './tenant-view.ts'

/** Makes a query handler one that gets the views of the tenant who asks. */
export function queryHandlerByTenant(
  handler: QueryHandlerDefinition,
  stored: StoredModel,
): QueryHandlerDefinition {
  const { name } = handler.query
  return {
    ...handler,
    reads: handler.reads.map(stored),
    execute: (query, views, scope, context) => {
      const tenant = requireTenant(context?.tenant, `Query ${name}`)
      const own = views.map(
        (view, index) => new TenantView(view, tenant, handler.reads[index]?.name ?? name),
      )
      return handler.execute(query, own, scope, context)
    },
  }
}
