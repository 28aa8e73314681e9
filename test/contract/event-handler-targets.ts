import { setTimeout } from 'node:timers/promises'
import type { HandledEventStore, HandlerProgressStore } from '@varve/core'
import { InMemoryHandledEventStore, InMemoryHandlerProgressStore } from '@varve/memory'
import { MongoHandledEventStore, MongoHandlerProgressStore } from '@varve/mongodb'
import { VirtualClock } from '@varve/testing'
import { openDatabase } from './mongodb-database.ts'
import { isSelected } from './servers.ts'

/** The stores of event handlers, and how their time passes. */
export interface StartedHandlerStores {
  readonly progress: HandlerProgressStore
  readonly handledEvents: HandledEventStore
  readonly elapse: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Stores under a contract: how to start what they need. */
export interface HandlerStoreTarget {
  readonly adapter: string
  readonly name: string
  readonly start: () => Promise<StartedHandlerStores>
}

async function startInMemory(): Promise<StartedHandlerStores> {
  const clock = new VirtualClock()
  return {
    progress: new InMemoryHandlerProgressStore(),
    handledEvents: new InMemoryHandledEventStore({ clock }),
    elapse: async (ms) => clock.advance(ms),
    close: async () => undefined,
  }
}

async function startOnMongoDB(
  topology: 'replica-set' | 'standalone',
): Promise<StartedHandlerStores> {
  const { connection, close } = await openDatabase(topology)
  return {
    progress: new MongoHandlerProgressStore({ connection }),
    handledEvents: new MongoHandledEventStore({ connection }),
    // The server's clock is not ours to move.
    elapse: (ms) => setTimeout(ms),
    close,
  }
}

/** Stores of event handlers, on each topology they may meet. */
export const handlerStores: readonly HandlerStoreTarget[] = [
  { adapter: 'memory', name: 'memory', start: startInMemory },
  {
    adapter: 'mongodb',
    name: 'MongoDB, replica set',
    start: () => startOnMongoDB('replica-set'),
  },
  { adapter: 'mongodb', name: 'MongoDB, standalone', start: () => startOnMongoDB('standalone') },
].filter(({ adapter }) => isSelected(adapter))
