import type { EventStore, JsonObject, RecordedEvent } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { mapped, mapReads } from './mapped-reads.ts'

const isoDate = /^\d{4}-\d\d-\d\dT/

/** Faults in what comes back of an event. */
const brokenPayloads: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'makes dates of text that looks like one',
    caughtBy: 'append keeps every kind of JSON in the data as it is',
    breaks: (store) =>
      mapReads(store, (event) => {
        const text = JSON.stringify(event.data)
        const revive = (_key: string, value: unknown): unknown =>
          typeof value === 'string' && isoDate.test(value) ? new Date(value) : value
        return { ...event, data: JSON.parse(text, revive) as unknown }
      }),
  },
  {
    fault: 'reads bytes as Latin-1',
    caughtBy: 'append keeps every kind of JSON in the data as it is',
    breaks: (store) =>
      mapReads(store, (event) => {
        const text = Buffer.from(JSON.stringify(event.data)).toString('latin1')
        return { ...event, data: JSON.parse(text) as unknown }
      }),
  },
  {
    fault: 'keeps only the metadata it knows',
    caughtBy: 'append keeps every kind of JSON in the metadata as it is',
    breaks: (store) =>
      mapReads(store, (event) => {
        const { $correlationId } = event.metadata
        return { ...event, metadata: $correlationId === undefined ? {} : { $correlationId } }
      }),
  },
  {
    fault: 'dates events with a text',
    caughtBy: 'append keeps id, type and stream, and dates the event',
    breaks: (store) =>
      mapReads(store, (event) => ({
        ...event,
        recordedAt: event.recordedAt.toISOString() as unknown as Date,
      })),
  },
  {
    fault: 'cuts the stream name at the second dash',
    caughtBy: 'append keeps id, type and stream, and dates the event',
    breaks: (store) =>
      mapReads(store, (event) => {
        const [category, id] = event.stream.split('-')
        return { ...event, stream: `${category}-${id}` as RecordedEvent['stream'] }
      }),
  },
  {
    fault: "keeps the writer's objects instead of a copy",
    caughtBy: 'append is not reached by what the writer changes afterwards',
    breaks: (store) => {
      const written = new Map<string, JsonObject>()
      return {
        ...mapReads(store, (event) => ({ ...event, data: written.get(event.id) ?? event.data })),
        append: (stream, events, options) => {
          for (const { id, data } of events) written.set(id, data)
          return store.append(stream, events, options)
        },
      }
    },
  },
]

/** Faults in order and bounds of one stream. */
const brokenStreamReads: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'fails on a missing stream',
    caughtBy: 'readStream yields nothing for a missing stream, in both directions',
    breaks: (store) => ({
      readStream: async function* (...call) {
        let isEmpty = true
        for await (const batch of store.readStream(...call)) {
          isEmpty = false
          yield batch
        }
        if (isEmpty) throw new Error('no such stream')
      },
    }),
  },
  {
    fault: 'yields an empty batch first',
    caughtBy: 'readStream starts at a revision, inclusive',
    breaks: (store) => ({
      readStream: async function* (...call) {
        yield []
        yield* store.readStream(...call)
      },
    }),
  },
  {
    fault: 'stops after the first page',
    caughtBy: 'readStream yields a long stream whole and in order, in both directions',
    breaks: (store) => ({
      readStream: async function* (...call) {
        for await (const batch of store.readStream(...call)) {
          yield batch
          return
        }
      },
    }),
  },
  {
    fault: 'starts after the revision asked for',
    caughtBy: 'readStream starts at a revision, inclusive',
    breaks: (store) => ({
      readStream: (stream, options) =>
        store.readStream(stream, {
          ...options,
          ...(options?.from !== undefined && { from: options.from + 1n }),
        }),
    }),
  },
  {
    fault: 'ignores the limit',
    caughtBy: 'readStream stops at the limit',
    breaks: (store) => ({
      readStream: (stream, options) => store.readStream(stream, { ...options, limit: Infinity }),
    }),
  },
  {
    fault: 'takes a limit of 0 for none',
    caughtBy: 'readStream yields nothing of a limit of 0',
    breaks: (store) => ({
      readStream: (stream, options) =>
        store.readStream(stream, { ...options, limit: options?.limit || Infinity }),
    }),
  },
  {
    fault: 'reads forwards whatever is asked',
    caughtBy: 'readStream starts at the last revision backwards',
    breaks: (store) => ({
      readStream: (stream, options) =>
        store.readStream(stream, { ...options, direction: 'forwards' }),
    }),
  },
  {
    fault: 'ignores where to start when reading backwards',
    caughtBy: 'readStream starts at a revision backwards, inclusive',
    breaks: (store) => ({
      readStream: (stream, options = {}) => {
        const { from: _, ...rest } = options
        return store.readStream(stream, rest.direction === 'backwards' ? rest : options)
      },
    }),
  },
]

/** Faults in the whole log. */
const brokenLogReads: readonly BrokenStore<EventStore>[] = [
  {
    fault: 'yields the log stream by stream',
    caughtBy: 'readAll yields the events of all streams in the order of positions',
    breaks: (store) => ({
      readAll: (options) =>
        mapped(store.readAll(options), (batch) =>
          batch.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
        ),
    }),
  },
  {
    fault: 'starts after the position asked for',
    caughtBy: 'readAll starts at a position, inclusive',
    breaks: (store) => ({
      readAll: (options) =>
        store.readAll({
          ...options,
          ...(options?.from !== undefined && { from: options.from + 1n }),
        }),
    }),
  },
  {
    fault: 'starts at the position asked for when reading backwards',
    caughtBy: 'readAll yields only events before a position, newest first, when reading backwards',
    breaks: (store) => ({
      readAll: (options) =>
        store.readAll(
          options?.direction === 'backwards' && options.from !== undefined
            ? { ...options, from: options.from + 1n }
            : options,
        ),
    }),
  },
  {
    fault: 'follows the log instead of ending',
    caughtBy: 'readAll ends where the log ended at the call, also while others write on',
    breaks: (store) => ({
      readAll: async function* (options) {
        let from = options?.from
        for (let rounds = 0; rounds < 20; rounds++)
          for await (const batch of store.readAll({
            ...options,
            ...(from !== undefined && { from }),
          })) {
            yield batch
            from = (batch.at(-1)?.position ?? 0n) + 1n
          }
      },
    }),
  },
  {
    fault: 'ignores the limit of the log',
    caughtBy: 'readAll starts at the start of the log and stops at the limit',
    breaks: (store) => ({ readAll: (options) => store.readAll({ ...options, limit: Infinity }) }),
  },
  {
    fault: "delivers the server's own events",
    caughtBy: 'readStream never yields types with a leading "$", and counts their revisions',
    breaks: (store) => ({
      ...mapReads(store, (event) => ({ ...event, type: event.type.replace(/^shown /, '') })),
      append: (stream, events, options) => {
        const shown = events.map((event) => ({
          ...event,
          type: event.type.replace(/^\$/, 'shown $'),
        }))
        return store.append(stream, shown, options)
      },
    }),
  },
]

/** Every fault of a read. */
export const brokenReads = [...brokenPayloads, ...brokenStreamReads, ...brokenLogReads]
