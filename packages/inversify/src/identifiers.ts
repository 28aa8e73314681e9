import type { AggregateRepository, CommandBus, Constructor, QueryBus } from '@varve/core'
import { aggregateCategoryOf } from '@varve/decorators'
import type { ServiceIdentifier } from 'inversify'
import { NotAnAggregateError } from './not-an-aggregate-error.ts'

/** What is bound under {@link commandBusIdentifier}: the part of the bus that takes commands. */
export type CommandBusService = Pick<CommandBus, 'execute'>

/** What is bound under {@link queryBusIdentifier}: the part of the bus that answers queries. */
export type QueryBusService = Pick<QueryBus, 'query'>

/** Names the command bus: `@inject(commandBusIdentifier) commands: CommandBusService`. */
export const commandBusIdentifier: ServiceIdentifier<CommandBusService> =
  Symbol.for('@varve/command-bus')

/** Names the query bus: `@inject(queryBusIdentifier) queries: QueryBusService`. */
export const queryBusIdentifier: ServiceIdentifier<QueryBusService> = Symbol.for('@varve/query-bus')

/**
 * Names the repository of an aggregate: `@inject(repositoryIdentifier(Account)) accounts: AggregateRepository<Account>`.
 *
 * @param aggregate Class with `@Aggregate`, or the category.
 * @throws {NotAnAggregateError} The class has no `@Aggregate`.
 */
export function repositoryIdentifier<State = unknown>(
  aggregate: Constructor<State> | string,
): ServiceIdentifier<AggregateRepository<State>> {
  const category = typeof aggregate === 'string' ? aggregate : aggregateCategoryOf(aggregate)
  if (category === undefined) throw new NotAnAggregateError(nameOf(aggregate))
  return Symbol.for(`@varve/repository/${category}`)
}

function nameOf(found: unknown): string {
  return typeof found === 'function' ? found.name : String(found)
}
