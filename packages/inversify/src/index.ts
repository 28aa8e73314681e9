export { bindVarve, type RepositoryService, type VarveServices } from './bind-varve.ts'
export {
  commandBusIdentifier,
  type CommandBusService,
  queryBusIdentifier,
  type QueryBusService,
  repositoryIdentifier,
} from './identifiers.ts'
export { InversifyResolver, type InversifyResolverOptions } from './inversify-resolver.ts'
export { NotAnAggregateError } from './not-an-aggregate-error.ts'
export { ScopeClosedError } from './scope-closed-error.ts'
