import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import type { EventHandlerDefinition } from '../event-handler/event-handler-definition.ts'
import type { Definition } from '../model/application-model.ts'
import type { ReadModelDefinition } from '../read-model/read-model-definition.ts'
import { aggregateByTenant, handlingByTenant } from './tenant-aggregate.ts'
import { readModelByTenant } from './tenant-documents.ts'
import { TenantHandlerContext } from './tenant-event-context.ts'
import { projectionByTenant } from './tenant-projection.ts'
import { queryHandlerByTenant } from './tenant-query-handler.ts'

/** Definitions that keep tenants apart, and the ones they were made of. */
export interface SeparatedTenants {
  readonly definitions: readonly Definition[]
  /** Finds what became of an aggregate; the aggregate itself where nothing did. */
  aggregate(original: AggregateDefinition): AggregateDefinition
}

/**
 * Makes definitions ones that keep tenants apart: streams, documents, indexes, views and commands of event handlers belong
 * to one tenant each. The code behind them stays as it is and knows nothing of it.
 *
 * Commands need {@link commandsByTenant} among their middleware.
 */
export function separateTenants(definitions: readonly Definition[]): SeparatedTenants {
  const aggregate = once(aggregateByTenant)
  const model = once<ReadModelDefinition>(readModelByTenant)
  const separated = definitions.map((definition): Definition => {
    switch (definition.kind) {
      case 'aggregate':
        return aggregate(definition)
      case 'command-handler':
        return {
          ...definition,
          aggregate: aggregate(definition.aggregate),
          handling: handlingByTenant(definition.handling),
        }
      case 'event-handler':
        return eventHandlerByTenant(definition)
      case 'projection':
        return projectionByTenant(definition, model, aggregate)
      case 'query-handler':
        return queryHandlerByTenant(definition, model)
      case 'read-model':
        return model(definition)
      case 'event':
        return definition
    }
  })
  return { definitions: separated, aggregate }
}

function eventHandlerByTenant(handler: EventHandlerDefinition): EventHandlerDefinition {
  return {
    ...handler,
    reactions: handler.reactions.map((reaction) => ({
      ...reaction,
      handle: (event, context, scope) =>
        reaction.handle(event, new TenantHandlerContext(context), scope),
    })),
  }
}

/** Makes one thing of each, so that those who name the same one go on doing so. */
function once<Subject extends object>(make: (subject: Subject) => Subject) {
  const made = new Map<Subject, Subject>()
  return (subject: Subject): Subject => {
    const found = made.get(subject) ?? make(subject)
    made.set(subject, found)
    return found
  }
}
