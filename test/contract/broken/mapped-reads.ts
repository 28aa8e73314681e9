import type { EventStore, RecordedEvent } from '@varve/core'

/** Changes each batch on its way out. */
export async function* mapped<T, R>(
  batches: AsyncIterable<T>,
  change: (batch: T) => R,
): AsyncGenerator<R, undefined> {
  for await (const batch of batches) yield change(batch)
}

/** Changes what streams and log yield, event by event. */
export function mapReads(
  store: EventStore,
  change: (event: RecordedEvent) => RecordedEvent,
): Partial<EventStore> {
  return {
    readStream: (...call) => mapped(store.readStream(...call), (batch) => batch.map(change)),
    readAll: (...call) => mapped(store.readAll(...call), (batch) => batch.map(change)),
  }
}
