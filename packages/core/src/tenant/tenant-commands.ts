import type { CommandMiddleware } from '../bus/command-envelope.ts'
import { streamName } from '../event-store/stream-name.ts'
import { requireTenant, tenantId } from './tenant-id.ts'

/**
 * Keeps commands within their tenant: the aggregate is the tenant's, and so is the id the caller gave. Belongs last,
 * so that other middleware may say who the tenant is.
 *
 * @throws {TenantRequiredError} Nobody said.
 */
export function commandsByTenant(): CommandMiddleware {
  return async (envelope, next) => {
    const { route, context, options } = envelope
    const { command, aggregate } = route
    const tenant = requireTenant(context.tenant, `Command "${command.type}"`)
    const aggregateId = (message: object): string => {
      const id = command.aggregateId(message)
      streamName(aggregate.category, id)
      return tenantId(tenant, id)
    }
    const { commandId } = context
    // Ids made here are no other tenant's; the same given one may be sent by several.
    const isGiven = options.id !== undefined
    const result = await next({
      ...envelope,
      route: { ...route, command: { ...command, aggregateId } },
      context: {
        ...context,
        resolve: (type) => context.resolve(type),
        commandId: isGiven ? tenantId(tenant, commandId) : commandId,
      },
    })
    return { ...result, commandId }
  }
}
