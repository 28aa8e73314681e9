import { randomUUID } from 'node:crypto'
import {
  type EventStore,
  type EventToAppend,
  type RecordedEvent,
  type StreamName,
  WrongExpectedRevisionError,
} from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'
import type { BrokenStore } from './broken-store.ts'
import { mapReads } from './mapped-reads.ts'

async function headOf(store: EventStore, stream: StreamName): Promise<RecordedEvent | undefined> {
  for await (const [event] of store.readStream(stream, { direction: 'backwards', limit: 1 }))
    return event
  return undefined
}

async function idsOf(store: EventStore, stream: StreamName): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const batch of store.readStream(stream)) ids.push(...batch.map(({ id }) => id))
  return ids
}

/** Another store in the place of this one. */
function appendingUpTo(maxAppendBytes: number): Partial<EventStore> {
  const store = new InMemoryEventStore({ maxAppendBytes })
  return {
    append: (...call) => store.append(...call),
    readStream: (...call) => store.readStream(...call),
    readAll: (...call) => store.readAll(...call),
    subscribe: (...call) => store.subscribe(...call),
    close: () => store.close(),
  }
}

/** Faults in what an append checks and records. */
export const brokenAppends: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'takes an event without a type',
    caughtBy:
      'append refuses no events, an id that is no UUID and an empty type, with one and the same error',
    breaks: (store) => ({
      append: (stream, events, options) =>
        store.append(
          stream,
          events.map((event) => ({ ...event, type: event.type || 'unknown' })),
          options,
        ),
    }),
  },
  {
    fault: 'ignores the expected revision',
    caughtBy: 'append refuses a stale revision, naming both revisions',
    breaks: (store) => ({
      append: (stream, events) => store.append(stream, events, { expected: 'any' }),
    }),
  },
  {
    fault: 'takes "no-stream" for "any"',
    caughtBy: 'append refuses "no-stream" at an existing stream, naming both revisions',
    breaks: (store) => ({
      append: (stream, events, { expected }) =>
        store.append(stream, events, { expected: expected === 'no-stream' ? 'any' : expected }),
    }),
  },
  {
    fault: 'takes "stream-exists" for "any"',
    caughtBy: 'append refuses "stream-exists" at a missing stream, naming both revisions',
    breaks: (store) => ({
      append: (stream, events, { expected }) =>
        store.append(stream, events, { expected: expected === 'stream-exists' ? 'any' : expected }),
    }),
  },
  {
    fault: 'looks at the revision before it writes, not while it writes',
    caughtBy: 'append lets one of many racing writers win',
    breaks: (store) => ({
      append: async (stream, events, { expected }) => {
        const head = (await headOf(store, stream))?.revision
        const isExpected =
          expected === 'any' ||
          (expected === 'no-stream' && head === undefined) ||
          (expected === 'stream-exists' && head !== undefined) ||
          expected === head
        if (!isExpected) throw new WrongExpectedRevisionError(stream, expected, head)
        return store.append(stream, events, { expected: 'any' })
      },
    }),
  },
  {
    fault: 'loses the last event of a batch',
    caughtBy: 'append numbers the events of a stream from 0 without a gap',
    breaks: (store) => ({
      append: (stream, events, options) =>
        store.append(stream, events.length > 1 ? events.slice(0, -1) : events, options),
    }),
  },
  {
    fault: 'returns revisions that are one too high',
    caughtBy: 'append returns revision and position of the last event written',
    breaks: (store) => ({
      append: async (...call) => {
        const result = await store.append(...call)
        return { ...result, revision: result.revision + 1n }
      },
    }),
  },
  {
    fault: 'returns the position of the first event of a batch',
    caughtBy: 'append returns revision and position of the last event written',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        const result = await store.append(stream, events, options)
        return { ...result, position: result.position - BigInt(events.length - 1) }
      },
    }),
  },
  {
    fault: 'counts revisions from 1',
    caughtBy: 'append numbers the events of a stream from 0 without a gap',
    breaks: (store) => mapReads(store, (event) => ({ ...event, revision: event.revision + 1n })),
  },
  {
    fault: 'writes the events of a batch one by one',
    caughtBy: 'append keeps the events of a batch together while others write',
    breaks: (store) => ({
      append: async (stream, [first, ...rest], options) => {
        let result = await store.append(stream, first ? [first] : [], options)
        for (const event of rest) {
          result = await store.append(stream, [event], { expected: 'any' })
        }
        return result
      },
    }),
  },
  {
    fault: 'leaves the first event of a refused batch behind',
    caughtBy: 'append records nothing of a batch that is refused',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        try {
          return await store.append(stream, events, options)
        } catch (error) {
          const first = events.slice(0, 1).map((event) => ({ ...event, id: randomUUID() }))
          await store.append(stream, first, { expected: 'any' })
          throw error
        }
      },
    }),
  },
  {
    fault: 'does not say at which revision the stream is',
    caughtBy: 'append refuses a stale revision, naming both revisions',
    breaks: (store) => ({
      append: async (stream, events, options) =>
        store.append(stream, events, options).catch((error: unknown) => {
          throw error instanceof WrongExpectedRevisionError
            ? new WrongExpectedRevisionError(stream, options.expected)
            : error
        }),
    }),
  },
  {
    fault: 'takes appends of any size',
    caughtBy: 'append refuses an append over the limit and records nothing of it',
    breaks: () => appendingUpTo(Infinity),
  },
  {
    fault: 'refuses large events that are within the limit',
    caughtBy: 'append accepts an event of 900 KiB',
    breaks: () => appendingUpTo(100_000),
  },
]

const knownIds = (events: readonly EventToAppend[], known: readonly string[]): boolean =>
  events.every(({ id }) => known.includes(id))

/** Faults in how a batch is found that was recorded before. */
export const brokenRetries: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'takes every retry for another writer',
    caughtBy: 'append records the same ids at the same "no-stream" once and answers as before',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        const known = await idsOf(store, stream)
        if (events.some(({ id }) => known.includes(id)))
          throw new WrongExpectedRevisionError(stream, options.expected)
        return store.append(stream, events, options)
      },
    }),
  },
  {
    fault: 'finds a retry only while it is the last thing written',
    caughtBy: 'append finds a retry also after later events',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        const known = await idsOf(store, stream)
        if (knownIds(events, known) && known.at(-1) !== events.at(-1)?.id)
          throw new WrongExpectedRevisionError(stream, options.expected)
        return store.append(stream, events, options)
      },
    }),
  },
  {
    fault: 'records a retry at "any" again',
    caughtBy: 'append records the same recent ids at "any" once',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        if (options.expected !== 'any') return store.append(stream, events, options)
        const fresh = events.map((event) => ({ ...event, id: randomUUID() }))
        return store.append(stream, fresh, options)
      },
    }),
  },
  {
    fault: 'answers a retry with the head of the stream',
    caughtBy: 'append finds a retry also after later events',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        const result = await store.append(stream, events, options)
        const head = await headOf(store, stream)
        return head ? { revision: head.revision, position: head.position } : result
      },
    }),
  },
  {
    fault: 'takes a batch for a retry by its first id',
    caughtBy: 'append takes a batch with any other id for another writer',
    breaks: (store) => ({
      append: async (stream, events, options) => {
        const known = await idsOf(store, stream)
        const head = await headOf(store, stream)
        if (head && events[0] && known.includes(events[0].id))
          return { revision: head.revision, position: head.position }
        return store.append(stream, events, options)
      },
    }),
  },
  {
    fault: 'knows an id from another stream',
    caughtBy: 'append keeps streams apart that got the same ids',
    breaks: (store) => {
      const known: string[] = []
      return {
        append: async (stream, events, options) => {
          const isNew = (await headOf(store, stream)) === undefined
          if (isNew && knownIds(events, known)) return { revision: 0n, position: 0n }
          known.push(...events.map(({ id }) => id))
          return store.append(stream, events, options)
        },
      }
    },
  },
]
