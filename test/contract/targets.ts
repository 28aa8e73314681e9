import { setTimeout } from 'node:timers/promises'
import type {
  ConsistencyLevel,
  DeadLetterStore,
  EventStore,
  LeaseStore,
  ReadModelStore,
  SnapshotStore,
} from '@varve/core'
import { EventStoreDBEventStore, EventStoreDBSnapshotStore } from '@varve/eventstoredb'
import {
  InMemoryDeadLetterStore,
  InMemoryEventStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySnapshotStore,
} from '@varve/memory'
import { MongoDeadLetterStore, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import {
  type EventStoreCapabilities,
  type ReadModelStoreCapabilities,
  VirtualClock,
} from '@varve/testing'
import { cuttingNetwork } from './cutting-network.ts'
import { openDatabase } from './mongodb-database.ts'
import { eventStoreDB, isSelected } from './servers.ts'

/** An adapter under a contract: how to start what it needs, and what it declares of itself. */
export interface Target<Started extends { close(): Promise<void> }> {
  readonly adapter: string
  readonly name: string
  readonly start: () => Promise<Started>
}

/** An event store, and the snapshots beside it. */
export interface StartedEventStore {
  readonly store: EventStore
  readonly snapshots: SnapshotStore
  readonly capabilities: EventStoreCapabilities
  /** Opens another one on the same server. */
  readonly open: () => Promise<EventStore>
  readonly close: () => Promise<void>
}

/** A read-model store. */
export interface StartedReadModelStore {
  readonly store: ReadModelStore
  readonly capabilities: ReadModelStoreCapabilities
  /** Opens another one on the same server. */
  readonly open: () => Promise<ReadModelStore>
  readonly close: () => Promise<void>
}

/** A dead-letter store by itself. */
export interface StartedDeadLetterStore {
  readonly store: DeadLetterStore
  readonly close: () => Promise<void>
}

/** A lease store, and how its time passes. */
export interface StartedLeaseStore {
  readonly store: LeaseStore
  readonly elapse: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

const capabilities = { maxAppendBytes: 1_048_576, tellsActualRevision: true }
const maxDocumentBytes = 16 * 1024 * 1024

async function startInMemory(): Promise<StartedEventStore> {
  const store = new InMemoryEventStore()
  const open = async (): Promise<EventStore> => new InMemoryEventStore()
  return {
    store,
    snapshots: new InMemorySnapshotStore(),
    capabilities,
    open,
    close: () => store.close(),
  }
}

async function startOnEventStoreDB(): Promise<StartedEventStore> {
  const server = await eventStoreDB()
  return connectEventStoreDB(server.url, () => server.close())
}

async function startBehindCuts(): Promise<StartedEventStore> {
  const server = await eventStoreDB()
  const network = await cuttingNetwork(server.url)
  return connectEventStoreDB(network.url, async () => {
    await network.close()
    await server.close()
  })
}

function connectEventStoreDB(
  connectionString: string,
  closeServer: () => Promise<void>,
): StartedEventStore {
  const connect = (): EventStoreDBEventStore => new EventStoreDBEventStore({ connectionString })
  const store = connect()
  return {
    store,
    snapshots: new EventStoreDBSnapshotStore(store),
    capabilities,
    open: async () => connect(),
    close: async () => {
      await store.close()
      await closeServer()
    },
  }
}

async function startReadModelsInMemory(level: ConsistencyLevel): Promise<StartedReadModelStore> {
  const store = new InMemoryReadModelStore({ level })
  const open = async (): Promise<ReadModelStore> => new InMemoryReadModelStore({ level })
  return { store, capabilities: { level, maxDocumentBytes }, open, close: () => store.close() }
}

async function startLeasesInMemory(): Promise<StartedLeaseStore> {
  const clock = new VirtualClock()
  return {
    store: new InMemoryLeaseStore({ clock }),
    elapse: async (ms) => clock.advance(ms),
    close: async () => undefined,
  }
}

async function startReadModelsOnMongoDB(level: ConsistencyLevel): Promise<StartedReadModelStore> {
  const topology = level === 'exactly-once' ? 'replica-set' : 'standalone'
  const { connection, close } = await openDatabase(topology)
  // A local server tells by itself what it can; a named one may be able to do more.
  const isNamed = Boolean(process.env['VARVE_MONGODB_URL'])
  const options = isNamed ? { connection, require: level } : { connection }
  const connect = (): ReadModelStore => new MongoReadModelStore(options)
  return {
    store: connect(),
    capabilities: { level, maxDocumentBytes },
    open: async () => connect(),
    close,
  }
}

async function startLeasesOnMongoDB(): Promise<StartedLeaseStore> {
  const { connection, close } = await openDatabase('standalone')
  // The server's clock is not ours to move.
  return { store: new MongoLeaseStore({ connection }), elapse: (ms) => setTimeout(ms), close }
}

async function startLettersInMemory(): Promise<StartedDeadLetterStore> {
  return { store: new InMemoryDeadLetterStore(), close: async () => undefined }
}

async function startLettersOnMongoDB(): Promise<StartedDeadLetterStore> {
  const { connection, close } = await openDatabase('standalone')
  return { store: new MongoDeadLetterStore({ connection }), close }
}

const levels = ['exactly-once', 'idempotent'] as const

/** Event stores with their snapshot stores. */
export const eventStores: readonly Target<StartedEventStore>[] = [
  { adapter: 'memory', name: 'memory', start: startInMemory },
  { adapter: 'eventstoredb', name: 'EventStoreDB', start: startOnEventStoreDB },
  { adapter: 'eventstoredb', name: 'EventStoreDB behind cuts', start: startBehindCuts },
].filter(({ adapter }) => isSelected(adapter))

/** Read-model stores, at each level they can run at. */
export const readModelStores: readonly Target<StartedReadModelStore>[] = levels
  .flatMap((level) => [
    {
      adapter: 'memory',
      name: `memory, ${level}`,
      start: () => startReadModelsInMemory(level),
    },
    {
      adapter: 'mongodb',
      name: `MongoDB, ${level}`,
      start: () => startReadModelsOnMongoDB(level),
    },
  ])
  .filter(({ adapter }) => isSelected(adapter))

/** Dead-letter stores that stand alone; those of read-model stores are under the contract of these. */
export const deadLetterStores: readonly Target<StartedDeadLetterStore>[] = [
  { adapter: 'memory', name: 'memory', start: startLettersInMemory },
  { adapter: 'mongodb', name: 'MongoDB', start: startLettersOnMongoDB },
].filter(({ adapter }) => isSelected(adapter))

/** Lease stores. */
export const leaseStores: readonly Target<StartedLeaseStore>[] = [
  { adapter: 'memory', name: 'memory', start: startLeasesInMemory },
  { adapter: 'mongodb', name: 'MongoDB', start: startLeasesOnMongoDB },
].filter(({ adapter }) => isSelected(adapter))
