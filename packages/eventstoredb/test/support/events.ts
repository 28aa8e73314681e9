import { randomUUID } from 'node:crypto'
import {
  type EventSubscription,
  type EventToAppend,
  type RecordedEvent,
  type StreamName,
  type SubscriptionBatch,
  streamName,
} from '@varve/core'

/** Makes an event with a number in it. */
export function event(n: number, type = 'tested', metadata = {}): EventToAppend {
  return { id: randomUUID(), type, data: { n }, metadata }
}

/** Makes events numbered from 0. */
export function events(count: number, type = 'tested'): EventToAppend[] {
  return Array.from({ length: count }, (_, n) => event(n, type))
}

/** Names a stream nobody else uses. */
export function freshStream(category = 'test'): StreamName {
  return streamName(category, randomUUID())
}

/** Reads everything into one list. */
export async function collect(
  batches: AsyncIterable<readonly RecordedEvent[]>,
): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = []
  for await (const batch of batches) all.push(...batch)
  return all
}

/** The numbers of events made by {@link event}. */
export function numbers(recorded: readonly RecordedEvent[]): number[] {
  return recorded.map(({ data }) => (data as { n: number }).n)
}

/** Follows a subscription until the batches so far satisfy a condition, then stops it. */
export async function followUntil(
  subscription: EventSubscription,
  isEnough: (events: readonly RecordedEvent[], batch: SubscriptionBatch) => boolean,
): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = []
  for await (const batch of subscription) {
    all.push(...batch.events)
    if (isEnough(all, batch)) break
  }
  return all
}
