import type { AggregateDefinition, ApplicationModel, Constructor } from '@varve/core'
import { UnknownAggregateError } from './application-errors.ts'

/**
 * Finds an aggregate of an application by its class or its definition.
 *
 * @throws {UnknownAggregateError} It is not among the application's, or what is given is none.
 */
export function findAggregate(
  { aggregates }: ApplicationModel,
  named: Constructor | AggregateDefinition,
): AggregateDefinition {
  const found = aggregates.find(
    (one) => one === named || (one.class !== undefined && one.class === named),
  )
  if (found) return found
  const given: unknown = named
  const { name, category = name } = Object(given) as { name?: string; category?: string }
  const known = aggregates.map((one) => one.category)
  throw new UnknownAggregateError(category ?? String(given), known)
}
