import type { EventStore } from './event-store.ts'

/** Position of the last event in the log; undefined while it is empty. */
export async function headOf(eventStore: EventStore): Promise<bigint | undefined> {
  for await (const [last] of eventStore.readAll({ direction: 'backwards', limit: 1 }))
    return last?.position
  return undefined
}
