import { resolve } from 'node:path'
import type { Logger, SubjectKeyStore } from '@varve/core'
import { EventStoreDBEventStore, EventStoreDBSnapshotStore } from '@varve/eventstoredb'
import type { LocalServers } from '@varve/local'
import {
  InMemoryEventStore,
  InMemoryHandledEventStore,
  InMemoryHandlerProgressStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySnapshotStore,
  InMemorySubjectKeyStore,
} from '@varve/memory'
import {
  MongoConnection,
  MongoHandledEventStore,
  MongoHandlerProgressStore,
  MongoLeaseStore,
  MongoReadModelChanges,
  MongoReadModelStore,
  MongoSubjectKeyStore,
} from '@varve/mongodb'
import type {
  ApplicationOptions,
  EventStorePorts,
  ReadModelPorts,
} from '../application/application-options.ts'
import { MissingConnectionError } from './connection-errors.ts'

/** All of them, but that not every store can tell of changes. */
type OpenReadModelPorts = Required<Omit<ReadModelPorts, 'changes'>> &
  Pick<ReadModelPorts, 'changes'> & {
    /** Undefined: what the read models are in may be gone while the log is still there. */
    readonly subjectKeys: SubjectKeyStore | undefined
  }

/** The stores of an application, connected. */
export interface Connections extends EventStorePorts, OpenReadModelPorts {
  /** Owner name for leases; set where this process is the only one that can reach the stores. */
  readonly owner: string | undefined
  /** Where the log is, without credentials. */
  readonly eventStoreAddress: string
  /** Where the read models are, without credentials. */
  readonly readModelsAddress: string
  close(): Promise<void>
}

/** Connects the stores the options name, and starts local servers for those they do not. */
export async function connect(options: ApplicationOptions, logger: Logger): Promise<Connections> {
  const local = await startLocalServers(options)
  try {
    const eventStore = options.eventStore ?? (local as LocalServers).eventStoreUrl
    const readModels = options.readModels ?? withDatabase(local as LocalServers)
    const log = openEventStore(eventStore, logger)
    const models = openReadModels(readModels, logger)
    return {
      eventStoreAddress: addressOf(eventStore),
      readModelsAddress: addressOf(readModels),
      ...log,
      ...models,
      subjectKeys: options.subjectKeys ?? lastingKeys(eventStore, models.subjectKeys),
      owner: local && options.readModels === undefined ? 'local' : undefined,
      close: async () => {
        await log.eventStore.close()
        await models.close()
        await local?.close()
      },
    }
  } catch (error) {
    await local?.close()
    throw error
  }
}

async function startLocalServers(options: ApplicationOptions): Promise<LocalServers | undefined> {
  const missing = (['eventStore', 'readModels'] as const).filter(
    (name) => options[name] === undefined,
  )
  if (missing.length === 0) return undefined
  if (process.env['NODE_ENV'] === 'production') throw new MissingConnectionError(missing)
  // Loaded only where it is used: production never does.
  const { startServerThread } = await import('@varve/local')
  return startServerThread({ data: resolve(options.data ?? '.varve') })
}

function openEventStore(found: string | EventStorePorts, logger: Logger): EventStorePorts {
  if (typeof found !== 'string') return found
  if (found === 'memory:')
    return { eventStore: new InMemoryEventStore(), snapshotStore: new InMemorySnapshotStore() }
  const eventStore = new EventStoreDBEventStore({ connectionString: found, logger })
  return { eventStore, snapshotStore: new EventStoreDBSnapshotStore(eventStore, { logger }) }
}

interface OpenReadModels extends OpenReadModelPorts {
  close(): Promise<void>
}

function openReadModels(found: string | ReadModelPorts, logger: Logger): OpenReadModels {
  if (typeof found !== 'string')
    return {
      ...inMemoryHandlerStores(),
      subjectKeys: undefined,
      ...found,
      close: () => found.readModels.close(),
    }
  if (found === 'memory:') {
    const readModels = new InMemoryReadModelStore()
    return {
      readModels,
      leases: new InMemoryLeaseStore(),
      changes: readModels.changes,
      ...inMemoryHandlerStores(),
      subjectKeys: new InMemorySubjectKeyStore(),
      close: () => readModels.close(),
    }
  }
  const connection = new MongoConnection({ url: found, logger })
  return {
    readModels: new MongoReadModelStore({ connection }),
    leases: new MongoLeaseStore({ connection }),
    handlerProgress: new MongoHandlerProgressStore({ connection }),
    handledEvents: new MongoHandledEventStore({ connection }),
    changes: new MongoReadModelChanges({ connection }),
    subjectKeys: new MongoSubjectKeyStore({ connection }),
    close: () => connection.close(),
  }
}

/** Keys in memory do not outlive the process, so what they seal must not either. */
function lastingKeys(
  eventStore: string | EventStorePorts,
  keys: SubjectKeyStore | undefined,
): SubjectKeyStore | undefined {
  return keys instanceof InMemorySubjectKeyStore && eventStore !== 'memory:' ? undefined : keys
}

/** Beside ports of the user's own they are never used: event handlers without their stores are a mistake found before. */
function inMemoryHandlerStores(): Pick<OpenReadModels, 'handlerProgress' | 'handledEvents'> {
  return {
    handlerProgress: new InMemoryHandlerProgressStore(),
    handledEvents: new InMemoryHandledEventStore(),
  }
}

function withDatabase({ mongoUrl }: LocalServers): string {
  const url = new URL(mongoUrl)
  url.pathname = '/varve'
  return url.href
}

function addressOf(found: string | object): string {
  return typeof found === 'string' ? found.replace(/\/\/[^@/]*@/, '//') : 'an adapter of your own'
}
