import { type EventStore, type StreamAdministration, StreamDeletedError } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { mapped } from './mapped-reads.ts'

type Store = EventStore & StreamAdministration
type Fault = BrokenStore<Store>

/** Faults of settings. */
const brokenSettings: readonly Fault[] = [
  {
    fault: 'keeps settings to itself',
    caughtBy: 'setStreamSettings keeps only the newest events readable, also as others come',
    breaks: () => ({ setStreamSettings: async () => undefined }),
  },
  {
    fault: 'counts the events to keep from the start',
    caughtBy: 'setStreamSettings keeps only the newest events readable, also as others come',
    breaks: (store) => ({
      setStreamSettings: (stream, { maxCount, ...settings }, options) =>
        store.setStreamSettings(
          stream,
          { ...settings, ...(maxCount !== undefined && { truncateBefore: BigInt(maxCount) }) },
          options,
        ),
    }),
  },
  {
    fault: 'hides one event too few',
    caughtBy:
      'setStreamSettings hides the events before a revision, and never the revisions to come',
    breaks: (store) => ({
      setStreamSettings: (stream, { truncateBefore = 0n, ...settings }, options) =>
        store.setStreamSettings(
          stream,
          { ...settings, truncateBefore: truncateBefore > 0n ? truncateBefore - 1n : 0n },
          options,
        ),
    }),
  },
  {
    fault: 'takes seconds for milliseconds',
    caughtBy: 'setStreamSettings hides events that are too old',
    breaks: (store) => ({
      setStreamSettings: (stream, { maxAgeSeconds, ...settings }, options) =>
        store.setStreamSettings(
          stream,
          {
            ...settings,
            ...(maxAgeSeconds !== undefined && { maxAgeSeconds: maxAgeSeconds * 1000 }),
          },
          options,
        ),
    }),
  },
  {
    fault: 'adds to the settings there are',
    caughtBy: 'setStreamSettings replaces all settings',
    breaks: (store) => ({
      setStreamSettings: async (stream, settings, options) => {
        const { settings: before } = await store.readStreamSettings(stream)
        await store.setStreamSettings(stream, { ...before, ...settings }, options)
      },
    }),
  },
  {
    fault: 'lets the last writer win, whatever it expects',
    caughtBy:
      'setStreamSettings refuses settings on others than were expected, naming the revision',
    breaks: (store) => ({
      setStreamSettings: (stream, settings) => store.setStreamSettings(stream, settings),
    }),
  },
  {
    fault: 'looks at the settings before it sets them, not while it sets them',
    caughtBy: 'setStreamSettings lets one of many racing writers win that expect the same',
    breaks: (store) => ({
      setStreamSettings: async (stream, settings, options) => {
        const { revision } = await store.readStreamSettings(stream)
        const isExpected = options?.expected === 'none' && revision === undefined
        await store.setStreamSettings(stream, settings, isExpected ? {} : options)
      },
    }),
  },
  {
    fault: 'forgets what is of no use to itself',
    caughtBy: 'readStreamSettings returns every setting as it was set',
    breaks: (store) => ({
      setStreamSettings: (stream, { custom: _, ...settings }, options) =>
        store.setStreamSettings(stream, settings, options),
    }),
  },
]

/** Faults of deletions. */
const brokenDeletions: readonly Fault[] = [
  {
    fault: 'deletes nothing',
    caughtBy: 'deleteStream hides all events of a stream, and only of this one',
    breaks: () => ({ deleteStream: async () => undefined }),
  },
  {
    fault: 'deletes for good where it should only hide',
    caughtBy: 'deleteStream lets the revisions go on with an append that expects "any"',
    breaks: (store) => ({
      deleteStream: (stream, options) => store.tombstoneStream(stream, options),
    }),
  },
  {
    fault: 'only hides where it should delete for good',
    caughtBy: 'tombstoneStream ends a stream for reads, appends and subscriptions',
    breaks: (store) => ({
      tombstoneStream: (stream, options) => store.deleteStream(stream, options),
    }),
  },
  {
    fault: 'deletes whatever is there, not what was expected',
    caughtBy: 'deleteStream refuses a stream that is not where it was expected, and hides nothing',
    breaks: (store) => ({ deleteStream: (stream) => store.deleteStream(stream) }),
  },
  {
    fault: 'shows again what was deleted once settings come',
    caughtBy: 'deleteStream keeps hidden what it hid, whatever settings come later',
    breaks: (store) => ({
      setStreamSettings: async (stream, settings, options) => {
        await store.setStreamSettings(stream, settings, options)
        const { settings: now } = await store.readStreamSettings(stream)
        const { truncateBefore: _, ...shown } = now
        if (settings.truncateBefore === undefined) await store.setStreamSettings(stream, shown)
      },
    }),
  },
  {
    fault: 'takes what is deleted out of the log',
    caughtBy: 'deleteStream takes nothing out of the log',
    breaks: (store) => {
      const deleted = new Set<string>()
      return {
        deleteStream: async (stream, options) => {
          await store.deleteStream(stream, options)
          deleted.add(stream)
        },
        readAll: (options) =>
          mapped(store.readAll(options), (batch) =>
            batch.filter(({ stream }) => !deleted.has(stream)),
          ),
      }
    },
  },
  {
    fault: 'reads a stream that was deleted for good as an empty one',
    caughtBy: 'tombstoneStream ends a stream for reads, appends and subscriptions',
    breaks: (store) => ({
      readStream: async function* (...call) {
        try {
          yield* store.readStream(...call)
        } catch {
          // The broken store takes an end for emptiness.
        }
      },
    }),
  },
  {
    fault: 'deletes for good a second time without a word',
    caughtBy: 'tombstoneStream refuses a stream that was deleted for good before',
    breaks: (store) => ({
      tombstoneStream: (...call) =>
        store.tombstoneStream(...call).catch((error: unknown) => {
          if (!(error instanceof StreamDeletedError)) throw error
        }),
    }),
  },
]

/** Faults of an event store that administers its streams. */
export const brokenStreamAdministrations: readonly Fault[] = [...brokenSettings, ...brokenDeletions]
