import type { Container } from 'inversify'
import {
  commandBusIdentifier,
  type CommandBusService,
  queryBusIdentifier,
  type QueryBusService,
  repositoryIdentifier,
} from './identifiers.ts'

/** What is known here of a repository: which aggregates it is of. */
export interface RepositoryService {
  readonly definition: { readonly category: string }
}

/** What of an application can be injected. */
export interface VarveServices {
  readonly commandBus?: CommandBusService
  readonly queryBus?: QueryBusService
  /** One for each category. Default none. */
  readonly repositories?: readonly RepositoryService[]
}

/**
 * Binds buses and repositories, so that controllers, jobs and handlers can inject them.
 *
 * @returns Takes the bindings off again; for when the application closes.
 */
export function bindVarve(container: Container, services: VarveServices): () => void {
  const { commandBus, queryBus, repositories = [] } = services
  const bound = [
    ...(commandBus ? [container.bind(commandBusIdentifier).toConstantValue(commandBus)] : []),
    ...(queryBus ? [container.bind(queryBusIdentifier).toConstantValue(queryBus)] : []),
    ...repositories.map((repository) =>
      container
        .bind<object>(repositoryIdentifier(repository.definition.category))
        .toConstantValue(repository),
    ),
  ].map((binding) => binding.getIdentifier())
  return () => {
    for (const identifier of bound) container.unbind(identifier)
  }
}
