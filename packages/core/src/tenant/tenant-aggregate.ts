import type {
  AggregateDefinition,
  CommandContext,
  CommandHandling,
} from '../aggregate/aggregate-definition.ts'
import { TenantRequiredError } from './tenant-errors.ts'
import { parseTenantId, prefixOf } from './tenant-id.ts'

/**
 * Makes an aggregate one that is stored by tenant: its ids are those {@link tenantId} makes. Its own code sees the ids
 * without the tenant.
 */
export function aggregateByTenant(aggregate: AggregateDefinition): AggregateDefinition {
  const { snapshot, category } = aggregate
  const plain = (stored: string): string => {
    const parsed = parseTenantId(stored)
    if (!parsed) throw new TenantRequiredError(`Aggregate ${category} "${stored}"`)
    return parsed.id
  }
  return {
    ...aggregate,
    initial: (stored) => aggregate.initial(plain(stored)),
    commands: aggregate.commands.map(handlingByTenant),
    ...(snapshot && {
      snapshot: {
        ...snapshot,
        capture: (state) => snapshot.capture(state),
        restore: (value, stored) => snapshot.restore(value, plain(stored)),
      },
    }),
  }
}

/** Makes a handling one that sees ids without the tenant. */
export function handlingByTenant(handling: CommandHandling<unknown>): CommandHandling<unknown> {
  const { decide } = handling
  return {
    ...handling,
    decide: (state, command, context) => decide(state, command, plainContext(context)),
  }
}

function plainContext(context: CommandContext): CommandContext {
  const { tenant, commandId, aggregateId } = context
  const prefix = tenant === undefined ? '' : prefixOf(tenant)
  return {
    ...context,
    resolve: (type) => context.resolve(type),
    aggregateId: without(prefix, aggregateId),
    commandId: without(prefix, commandId),
  }
}

function without(prefix: string, id: string): string {
  return id.startsWith(prefix) ? id.slice(prefix.length) : id
}
