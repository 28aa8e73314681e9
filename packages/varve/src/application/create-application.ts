import { ClassValidatorMessages } from '@varve/class-validator'
import {
  type ApplicationModel,
  buildModel,
  CommandBus,
  createSingletonResolver,
  EventStoreUnavailableError,
  type HandlerResolver,
  JsonEventCodec,
  type Logger,
  type ProjectionPorts,
  Projections,
  QueryBus,
  randomIds,
  ReadModelStoreUnavailableError,
  systemClock,
} from '@varve/core'
import { aggregateIdPropertiesOf, collectDefinitions } from '@varve/decorators'
import { bindVarve, InversifyResolver, type VarveServices } from '@varve/inversify'
import { connect, type Connections } from '../connection/connect.ts'
import { waitUntilReachable } from '../connection/wait-until-reachable.ts'
import { Application } from './application.ts'
import type { ApplicationOptions } from './application-options.ts'
import { consoleLogger } from './console-logger.ts'

/**
 * Starts an application: checks its definitions, connects its stores, starts its projections.
 *
 * @throws {ConfigurationError} With every mistake in the definitions, before anything is started.
 * @throws {MissingConnectionError} In production, without connection strings.
 * @throws {EventStoreUnavailableError} The log did not answer within `startTimeoutMs`.
 * @throws {ReadModelStoreUnavailableError} The read-model server did not answer within `startTimeoutMs`.
 * @throws {DataFileInUseError} Another process runs local servers on the same folder.
 */
export async function createApplication(options: ApplicationOptions): Promise<Application> {
  const { definitions, mistakes } = collectDefinitions(options.definitions)
  const model = buildModel(definitions, mistakes)
  const logger = options.logger ?? consoleLogger
  const connections = await connect(options, logger)
  try {
    return await start(options, model, connections, logger)
  } catch (error) {
    await connections.close()
    throw error
  }
}

async function start(
  options: ApplicationOptions,
  model: ApplicationModel,
  connections: Connections,
  logger: Logger,
): Promise<Application> {
  await reachServers(options, connections, logger)
  const resolver: HandlerResolver = options.container
    ? new InversifyResolver(options.container)
    : createSingletonResolver()
  const ports: ProjectionPorts = {
    eventStore: connections.eventStore,
    readModels: connections.readModels,
    leases: connections.leases,
    codec: new JsonEventCodec(model.events),
    resolver,
    clock: options.clock ?? systemClock,
    ids: options.ids ?? randomIds,
    logger,
  }
  const { snapshotStore } = connections
  const commands = new CommandBus({
    ...ports,
    model,
    validator: options.validator ?? new ClassValidatorMessages({ known: aggregateIdPropertiesOf }),
    ...(snapshotStore && { snapshotStore }),
    ...(options.middleware && { middleware: options.middleware }),
    ...(options.conflictRetries !== undefined && { conflictRetries: options.conflictRetries }),
  })
  const projections = new Projections(model, ports, {
    ...(connections.owner !== undefined && { owner: connections.owner }),
    ...options.projections,
  })
  const queries = new QueryBus({ model, projections, ports })
  const unbind =
    options.container && bindVarve(options.container, servicesOf(model, commands, queries))
  await projections.start(options.require)
  const close = async (): Promise<void> => {
    unbind?.()
    await commands.drain()
    await projections.stop()
    await connections.close()
  }
  return new Application({ model, commands, queries, projections, close })
}

async function reachServers(
  { startTimeoutMs: timeoutMs = 30_000 }: ApplicationOptions,
  connections: Connections,
  logger: Logger,
): Promise<void> {
  const { eventStoreAddress, readModelsAddress } = connections
  await waitUntilReachable(() => probe(connections), {
    subject: `The event store at ${eventStoreAddress}`,
    timeoutMs,
    logger,
    unavailable: (operation) => new EventStoreUnavailableError(eventStoreAddress, operation),
  })
  await waitUntilReachable(() => connections.readModels.level(), {
    subject: `The read-model store at ${readModelsAddress}`,
    timeoutMs,
    logger,
    unavailable: (operation) => new ReadModelStoreUnavailableError(readModelsAddress, operation),
  })
}

function servicesOf(
  model: ApplicationModel,
  commandBus: CommandBus,
  queryBus: QueryBus,
): VarveServices {
  const repositories = model.aggregates.map(({ category }) => commandBus.repositoryOf(category))
  return { commandBus, queryBus, repositories }
}

async function probe({ eventStore }: Connections): Promise<void> {
  for await (const _ of eventStore.readAll({ direction: 'backwards', limit: 1 })) return
}
