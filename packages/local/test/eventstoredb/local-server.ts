import { EventStoreDBClient, type JSONEventType, jsonEvent } from '@eventstore/db-client'
import {
  type EventStoreDBServer,
  startEventStoreDBServer,
} from '../../src/eventstoredb/eventstoredb-server.ts'
import { LocalStorage } from '../../src/storage/local-storage.ts'

/** An event as these tests append it. */
export type Counted = JSONEventType<'Counted' | 'Other', { n: number }>

/** A server on its own storage with a real client. */
export interface LocalServer {
  readonly server: EventStoreDBServer
  readonly client: EventStoreDBClient
  close(): Promise<void>
}

export async function startLocalServer(path = ':memory:'): Promise<LocalServer> {
  const storage = LocalStorage.open(path)
  const server = await startEventStoreDBServer(storage)
  const client = EventStoreDBClient.connectionString(server.url)
  return {
    server,
    client,
    close: async () => {
      await server.close()
      storage.close()
      // A client whose subscriptions were left with events unread never finishes disposing.
      await Promise.race([client.dispose(), new Promise((resolve) => setTimeout(resolve, 200))])
    },
  }
}

export function counted(n: number, type: Counted['type'] = 'Counted') {
  return jsonEvent<Counted>({ type, data: { n } })
}

export function countedFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => counted(first + index))
}

/** Reads until `count` items came. */
export async function take<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

/** Resolves when `condition` holds; checked again every few milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}
