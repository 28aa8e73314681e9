import assert from 'node:assert/strict'
import type { EventStore, ReadStreamOptions, RecordedEvent, StreamName } from '@varve/core'

/** Reads batches to their end; each must have an event. */
export async function collect(
  batches: AsyncIterable<readonly RecordedEvent[]>,
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const batch of batches) {
    assert.ok(batch.length > 0, 'a read yielded an empty batch')
    events.push(...batch)
  }
  return events
}

/** Reads a stream to its end. */
export function readStream(
  store: EventStore,
  stream: StreamName,
  options?: ReadStreamOptions,
): Promise<readonly RecordedEvent[]> {
  return collect(store.readStream(stream, options))
}

/** The numbers of {@link newEvents}. */
export function numbersOf(events: readonly RecordedEvent[]): readonly number[] {
  return events.map(({ data }) => (data as { n: number }).n)
}

/** 0 up to a count, exclusive, times a step, from a first number. */
export function upTo(count: number, first = 0): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}

/** Expects the same events; one way of getting them may know their time only to the second. */
export function assertSame(
  found: readonly RecordedEvent[],
  expected: readonly RecordedEvent[],
): void {
  const timeless = (events: readonly RecordedEvent[]): readonly unknown[] =>
    events.map(({ recordedAt: _, ...event }) => event)
  assert.deepEqual(timeless(found), timeless(expected))
  for (const [index, { recordedAt }] of found.entries()) {
    const apart = recordedAt.getTime() - (expected[index]?.recordedAt.getTime() ?? NaN)
    assert.ok(Math.abs(apart) < 1000, `recorded at ${recordedAt.toISOString()}, ${apart} ms apart`)
  }
}
