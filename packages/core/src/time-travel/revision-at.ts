import type { EventStore } from '../event-store/event-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import { isWithin, type PointInTime } from './point-in-time.ts'

/**
 * Finds the last event of a stream at or before a point, by halving: about 20 reads of one event in a stream of a
 * million. Where the log's clock went back, a date has several answers, and this is one of them.
 *
 * @returns Its revision; undefined where there is none.
 */
export async function revisionAt(
  eventStore: EventStore,
  stream: StreamName,
  point: PointInTime,
): Promise<bigint | undefined> {
  const last = await firstOf(eventStore.readStream(stream, { direction: 'backwards', limit: 1 }))
  if (!last || isWithin(last, point)) return last?.revision
  let found: bigint | undefined
  let [low, high] = [0n, last.revision]
  while (low < high) {
    const middle = (low + high) / 2n
    const event = await firstOf(eventStore.readStream(stream, { from: middle, limit: 1 }))
    if (event && event.revision < high && isWithin(event, point)) {
      found = event.revision
      low = event.revision + 1n
    } else high = middle
  }
  return found
}

async function firstOf(
  reading: AsyncIterable<readonly RecordedEvent[]>,
): Promise<RecordedEvent | undefined> {
  for await (const [first] of reading) return first
  return undefined
}
