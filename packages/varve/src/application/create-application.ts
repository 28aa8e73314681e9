import { ClassValidatorMessages, schemaOfClass } from '@varve/class-validator'
import {
  type ApplicationModel,
  buildModel,
  CommandBus,
  commandsByTenant,
  createSingletonResolver,
  type Definition,
  EventHandlers,
  eventSchemas,
  EventStoreUnavailableError,
  type HandlerResolver,
  JsonEventCodec,
  LiveQueries,
  type Logger,
  type MessageValidator,
  type ProjectionPorts,
  Projections,
  QueryBus,
  randomIds,
  ReadModelFeed,
  ReadModelStoreUnavailableError,
  Snapshots,
  separateTenants,
  type SeparatedTenants,
  systemClock,
  TenantRepository,
} from '@varve/core'
import { aggregateIdPropertiesOf, collectDefinitions } from '@varve/decorators'
import { bindVarve, InversifyResolver } from '@varve/inversify'
import { connect, type Connections } from '../connection/connect.ts'
import { waitUntilReachable } from '../connection/wait-until-reachable.ts'
import { Application } from './application.ts'
import type { ApplicationOptions } from './application-options.ts'
import { consoleLogger } from './console-logger.ts'
import { openPrivacy } from '../privacy/open-privacy.ts'

/**
 * Starts an application: checks its definitions, connects its stores, starts its projections and event handlers.
 *
 * @throws {ConfigurationError} With every mistake in the definitions, before anything is started.
 * @throws {MissingConnectionError} In production, without connection strings.
 * @throws {EventStoreUnavailableError} The log did not answer within `startTimeoutMs`.
 * @throws {ReadModelStoreUnavailableError} The read-model server did not answer within `startTimeoutMs`.
 * @throws {DataFileInUseError} Another process runs local servers on the same folder.
 */
export async function createApplication(options: ApplicationOptions): Promise<Application> {
  const { definitions: collected, mistakes } = collectDefinitions(options.definitions)
  const tenants = options.tenants === true ? separateTenants(collected) : undefined
  const definitions = tenants?.definitions ?? collected
  const model = buildModel(definitions, [
    ...mistakes,
    ...missingStores(definitions, options),
    ...badIntervals(options),
  ])
  const logger = options.logger ?? consoleLogger
  const connections = await connect(options, logger)
  try {
    return await start(options, { model, tenants }, connections, logger)
  } catch (error) {
    await connections.close()
    throw error
  }
}

interface Design {
  readonly model: ApplicationModel
  readonly tenants: SeparatedTenants | undefined
}

async function start(
  options: ApplicationOptions,
  { model, tenants }: Design,
  opened: Connections,
  logger: Logger,
): Promise<Application> {
  await reachServers(options, opened, logger)
  const privacy = openPrivacy(model, opened, options)
  const connections = { ...opened, ...privacy }
  const feed = openFeed(options, connections, logger)
  const ports = portsOf(options, model, { ...connections, readModels: feed.store }, logger)
  const commands = openCommandBus(options, model, ports, connections)
  const projections = openProjections(options, model, ports, connections)
  const eventHandlers = openEventHandlers(options, model, { ...ports, commands }, connections)
  const { queryMiddleware: middleware = [] } = options
  const queries = new QueryBus({ model, projections, ports, middleware, past: options.past ?? {} })
  const live = new LiveQueries({ queries, feed })
  const unbind = bindServices(options, model, { commandBus: commands, queryBus: queries })
  const stop = async (): Promise<void> => {
    await live.close()
    await eventHandlers.stop()
    unbind?.()
    await commands.drain()
    await queries.close()
    await projections.stop()
  }
  try {
    await projections.start(options.require)
    await eventHandlers.start()
    await sweepPast(queries, logger)
  } catch (error) {
    await stop()
    throw error
  }
  return new Application({
    model,
    tenants,
    commands,
    queries,
    live,
    projections,
    eventHandlers,
    past: { ...ports, validator: validatorOf(options) },
    snapshots: snapshotsOf(ports, connections),
    forget: (subject) => privacy.forget(subject),
    close: () => stop().then(() => connections.close()),
  })
}

function openFeed(
  { liveQueries }: ApplicationOptions,
  { readModels: store, changes }: Connections,
  logger: Logger,
): ReadModelFeed {
  return new ReadModelFeed({ store, logger, ...liveQueries, ...(changes && { changes }) })
}

function snapshotsOf(ports: ProjectionPorts, { snapshotStore }: Connections): Snapshots {
  return new Snapshots({ ...ports, ...(snapshotStore && { snapshotStore }) })
}

function portsOf(
  options: ApplicationOptions,
  model: ApplicationModel,
  { eventStore, readModels, leases, snapshotStore }: Connections,
  logger: Logger,
): ProjectionPorts {
  const resolver: HandlerResolver = options.container
    ? new InversifyResolver(options.container)
    : createSingletonResolver()
  return {
    eventStore,
    readModels,
    leases,
    ...(snapshotStore && { snapshotStore }),
    codec: codecOf(options, model),
    resolver,
    clock: options.clock ?? systemClock,
    ids: options.ids ?? randomIds,
    logger,
  }
}

function codecOf(
  { checkEvents = process.env['NODE_ENV'] !== 'production' }: ApplicationOptions,
  { events }: ApplicationModel,
): JsonEventCodec {
  const check = checkEvents ? eventSchemas(events, schemaOfClass) : []
  return new JsonEventCodec(events, { check })
}

function validatorOf({ validator }: ApplicationOptions): MessageValidator {
  return validator ?? new ClassValidatorMessages({ known: aggregateIdPropertiesOf })
}

/** What a process that died has left takes room, and nothing else. */
async function sweepPast(queries: QueryBus, logger: Logger): Promise<void> {
  await queries.sweepPast().catch((error: unknown) => {
    logger.warn('The documents of past queries could not be swept; the next one tries again.', {
      error,
    })
  })
}

function openCommandBus(
  options: ApplicationOptions,
  model: ApplicationModel,
  ports: ProjectionPorts,
  connections: Connections,
): CommandBus {
  const { snapshotStore } = connections
  return new CommandBus({
    ...ports,
    model,
    validator: validatorOf(options),
    ...(snapshotStore && { snapshotStore }),
    middleware: [
      ...(options.middleware ?? []),
      ...(options.tenants === true ? [commandsByTenant()] : []),
    ],
    ...(options.conflictRetries !== undefined && { conflictRetries: options.conflictRetries }),
  })
}

function openProjections(
  options: ApplicationOptions,
  model: ApplicationModel,
  ports: ProjectionPorts,
  { owner }: Connections,
): Projections {
  return new Projections(model, ports, {
    ...(owner !== undefined && { owner }),
    ...options.projections,
  })
}

function openEventHandlers(
  options: ApplicationOptions,
  model: ApplicationModel,
  ports: ProjectionPorts & { readonly commands: CommandBus },
  { handlerProgress: progress, handledEvents, owner }: Connections,
): EventHandlers {
  return new EventHandlers(
    model,
    { ...ports, progress, handledEvents, deadLetters: ports.readModels.deadLetters },
    { ...(owner !== undefined && { owner }), ...options.eventHandlers },
  )
}

/** Event handlers keep their progress in stores; beside ports of the user's own these may be missing. */
function missingStores(
  definitions: readonly Definition[],
  { readModels }: ApplicationOptions,
): readonly string[] {
  const handler = definitions.find((definition) => definition.kind === 'event-handler')
  if (typeof readModels !== 'object' || !handler) return []
  return (['handlerProgress', 'handledEvents'] as const)
    .filter((store) => !readModels[store])
    .map(
      (store) =>
        `Event handler "${handler.name}" needs a store that readModels does not have: pass ${store} beside leases.`,
    )
}

function badIntervals({ liveQueries: { pollMs } = {} }: ApplicationOptions): readonly string[] {
  if (pollMs === undefined || pollMs > 0) return []
  return [`liveQueries has pollMs ${pollMs}: expected milliseconds above 0.`]
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

/** Lets the container's classes inject buses and repositories; returns what takes that back. */
function bindServices(
  { container, tenants }: ApplicationOptions,
  model: ApplicationModel,
  buses: { readonly commandBus: CommandBus; readonly queryBus: QueryBus },
): (() => void) | undefined {
  const repositories = model.aggregates.map(({ category }) => {
    const repository = buses.commandBus.repositoryOf(category)
    return tenants === true ? new TenantRepository(repository) : repository
  })
  return container && bindVarve(container, { ...buses, repositories })
}

async function probe({ eventStore }: Connections): Promise<void> {
  for await (const _ of eventStore.readAll({ direction: 'backwards', limit: 1 })) return
}
