import type { ConsumerGroupStore, EventStore } from '@varve/core'
import { EventStoreDBConsumerGroupStore, EventStoreDBEventStore } from '@varve/eventstoredb'
import { InMemoryConsumerGroupStore, InMemoryEventStore } from '@varve/memory'
import { eventStoreDB, isSelected } from './servers.ts'
import type { Target } from './targets.ts'

/** A consumer-group store, and the events it follows. */
export interface StartedConsumerGroupStore {
  readonly store: ConsumerGroupStore
  readonly events: EventStore
  /** Opens another one over the same events. */
  readonly open: () => Promise<ConsumerGroupStore>
  readonly close: () => Promise<void>
}

async function startInMemory(): Promise<StartedConsumerGroupStore> {
  const events = new InMemoryEventStore()
  const store = new InMemoryConsumerGroupStore(events)
  return {
    store,
    events,
    open: async () => new InMemoryConsumerGroupStore(events),
    close: async () => {
      await store.close()
      await events.close()
    },
  }
}

async function startOnEventStoreDB(): Promise<StartedConsumerGroupStore> {
  const server = await eventStoreDB()
  const options = { connectionString: server.url }
  const events = new EventStoreDBEventStore(options)
  const store = new EventStoreDBConsumerGroupStore(options)
  return {
    store,
    events,
    open: async () => new EventStoreDBConsumerGroupStore(options),
    close: async () => {
      await store.close()
      await events.close()
      await server.close()
    },
  }
}

/** Consumer-group stores. */
export const consumerGroupStores: readonly Target<StartedConsumerGroupStore>[] = [
  { adapter: 'memory', name: 'memory', start: startInMemory },
  { adapter: 'eventstoredb', name: 'EventStoreDB', start: startOnEventStoreDB },
].filter(({ adapter }) => isSelected(adapter))
