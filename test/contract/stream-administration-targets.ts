import { setTimeout } from 'node:timers/promises'
import type { EventStore, StreamAdministration } from '@varve/core'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { InMemoryEventStore } from '@varve/memory'
import { VirtualClock } from '@varve/testing'
import { eventStoreDB, isSelected } from './servers.ts'
import type { Target } from './targets.ts'

/** An event store that administers its streams, and how its time passes. */
export interface StartedStreamAdministration {
  readonly store: EventStore & StreamAdministration
  readonly elapse: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

async function startInMemory(): Promise<StartedStreamAdministration> {
  const clock = new VirtualClock()
  const store = new InMemoryEventStore({ clock })
  return { store, elapse: async (ms) => clock.advance(ms), close: () => store.close() }
}

async function startOnEventStoreDB(): Promise<StartedStreamAdministration> {
  const server = await eventStoreDB()
  const store = new EventStoreDBEventStore({ connectionString: server.url })
  return {
    store,
    elapse: (ms) => setTimeout(ms),
    close: async () => {
      await store.close()
      await server.close()
    },
  }
}

/** Event stores that administer their streams. */
export const streamAdministrations: readonly Target<StartedStreamAdministration>[] = [
  { adapter: 'memory', name: 'memory', start: startInMemory },
  { adapter: 'eventstoredb', name: 'EventStoreDB', start: startOnEventStoreDB },
].filter(({ adapter }) => isSelected(adapter))
