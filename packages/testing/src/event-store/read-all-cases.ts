import assert from 'node:assert/strict'
import type { AppendResult, ReadAllOptions, RecordedEvent } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { type EventStoreSubject, newEvent, newEvents } from './event-store-subject.ts'
import { collect, numbersOf, readStream, upTo } from './reading.ts'

/** The whole log. Other cases write at the same time, so each looks for its own events. */
export const readAllCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'yields the events of all streams in the order of positions',
    run: async (subject) => {
      const [first] = await alternating(subject, 6)
      const events = await own(subject, { from: first.position })
      assert.deepEqual(numbersOf(events), upTo(6))
      const positions = events.map(({ position }) => position)
      assert.ok(positions.every((at, index) => index === 0 || at > (positions[index - 1] ?? at)))
    },
  },
  {
    name: 'starts at a position, inclusive',
    run: async (subject) => {
      const results = await alternating(subject, 4)
      const from = results[2]?.position ?? 0n
      const [event] = await collect(subject.store.readAll({ from, limit: 1 }))
      assert.equal(event?.position, from)
      assert.deepEqual(numbersOf(await own(subject, { from })), [2, 3])
    },
  },
  {
    name: 'yields only events before a position, newest first, when reading backwards',
    run: async (subject) => {
      const results = await alternating(subject, 4)
      const from = results[3]?.position ?? 0n
      const events: RecordedEvent[] = []
      for await (const batch of subject.store.readAll({ from, direction: 'backwards' })) {
        assert.ok(batch.every(({ position }) => position < from))
        events.push(...batch.filter(({ stream }) => stream.startsWith(subject.prefix)))
        if (events.length >= 3) break
      }
      assert.deepEqual(numbersOf(events), [2, 1, 0])
    },
  },
  {
    name: 'starts at the end of the log when reading backwards from nowhere',
    run: async (subject) => {
      await alternating(subject, 2)
      const seen: RecordedEvent[] = []
      for await (const batch of subject.store.readAll({ direction: 'backwards' })) {
        seen.push(...batch.filter(({ stream }) => stream.startsWith(subject.prefix)))
        if (seen.length >= 2) break
      }
      assert.deepEqual(numbersOf(seen), [1, 0])
    },
  },
  {
    name: 'starts at the start of the log and stops at the limit',
    run: async (subject) => {
      await alternating(subject, 2)
      const events = await collect(subject.store.readAll({ limit: 1 }))
      assert.equal(events.length, 1)
    },
  },
  {
    name: 'ends where the log ended at the call, also while others write on',
    run: async (subject) => {
      const { store, stream } = subject
      const { position } = await store.append(stream, newEvents(3), { expected: 'no-stream' })
      const seen: RecordedEvent[] = []
      for await (const batch of store.readAll({ from: position })) {
        seen.push(...batch.filter((event) => event.stream === stream))
        await store.append(stream, newEvents(1, 'later'), { expected: 'any' })
      }
      assert.deepEqual(
        seen.map(({ type }) => type),
        ['numbered'],
      )
    },
  },
  {
    name: 'never yields types with a leading "$"',
    run: async (subject) => {
      const { store, stream } = subject
      const batch = [newEvent('first'), newEvent('$hidden'), newEvent('last')]
      await store.append(stream, batch, { expected: 'no-stream' })
      const [first] = await readStream(store, stream)
      const events = await own(subject, first ? { from: first.position } : {})
      assert.deepEqual(
        events.map(({ type }) => type),
        ['first', 'last'],
      )
    },
  },
]

/** Appends numbered events one by one, to two streams in turn. */
async function alternating(
  { store, streamNamed }: EventStoreSubject,
  count: number,
): Promise<readonly [AppendResult, ...AppendResult[]]> {
  const results: AppendResult[] = []
  for (const n of upTo(count)) {
    const stream = streamNamed(n % 2 === 0 ? 'even' : 'odd')
    results.push(await store.append(stream, [newEvent('numbered', { n })], { expected: 'any' }))
  }
  return results as [AppendResult, ...AppendResult[]]
}

async function own(
  { store, prefix }: EventStoreSubject,
  options: ReadAllOptions,
): Promise<readonly RecordedEvent[]> {
  const events = await collect(store.readAll(options))
  return events.filter(({ stream }) => stream.startsWith(prefix))
}
