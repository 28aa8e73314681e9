import type { JsonValue, Snapshot, SnapshotStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

function loading(
  change: (snapshot: Snapshot) => Snapshot,
): (store: SnapshotStore) => Partial<SnapshotStore> {
  return (store) => ({
    load: async (...call) => {
      const snapshot = await store.load(...call)
      return snapshot && change(snapshot)
    },
  })
}

/** Faults of a snapshot store. */
export const brokenSnapshots: readonly BrokenStore<SnapshotStore>[] = [
  {
    fault: 'returns the newest snapshot whatever is asked',
    caughtBy: 'load returns the newest snapshot at or before a revision',
    breaks: (store) => ({ load: (stream) => store.load(stream) }),
  },
  {
    fault: 'takes "at or before" for "before"',
    caughtBy: 'load returns the newest snapshot at or before a revision',
    breaks: (store) => ({
      load: (stream, { atOrBefore } = {}) =>
        store.load(stream, atOrBefore === undefined ? {} : { atOrBefore: atOrBefore - 1n }),
    }),
  },
  {
    fault: 'keeps one snapshot per stream',
    caughtBy: 'load returns the newest snapshot at or before a revision',
    breaks: (store) => ({
      save: async (snapshot) => {
        await store.clear(snapshot.stream)
        await store.save(snapshot)
      },
    }),
  },
  {
    fault: 'takes the one that came last for the newest',
    caughtBy: 'save does not take an older snapshot that comes late for the newest',
    breaks: (store) => {
      const last = new Map<string, bigint>()
      return {
        load: (stream, options = {}) => {
          const atOrBefore = options.atOrBefore ?? last.get(stream)
          return store.load(stream, atOrBefore === undefined ? {} : { atOrBefore })
        },
        save: (snapshot) => {
          last.set(snapshot.stream, snapshot.revision)
          return store.save(snapshot)
        },
      }
    },
  },
  {
    fault: 'hands out the same state to every reader',
    caughtBy: 'load hands out a state of its own to each reader',
    breaks: (store) => {
      const states = new Map<bigint, JsonValue>()
      return loading((snapshot) => {
        const state = states.get(snapshot.revision) ?? snapshot.state
        states.set(snapshot.revision, state)
        return { ...snapshot, state }
      })(store)
    },
  },
  {
    fault: "keeps the writer's state instead of a copy",
    caughtBy: 'save is not reached by what the writer changes afterwards',
    breaks: (store) => {
      let written: JsonValue = null
      return {
        ...loading((snapshot) => ({ ...snapshot, state: written }))(store),
        save: (snapshot) => {
          written = snapshot.state
          return store.save(snapshot)
        },
      }
    },
  },
  {
    fault: 'loses the version of the schema',
    caughtBy: 'save keeps everything a snapshot says',
    breaks: loading((snapshot) => ({ ...snapshot, version: 1 })),
  },
  {
    fault: 'dates a snapshot when it is loaded',
    caughtBy: 'save keeps everything a snapshot says',
    breaks: loading((snapshot) => ({ ...snapshot, takenAt: new Date() })),
  },
  {
    fault: 'takes a state of null for none',
    caughtBy: 'save keeps everything a snapshot says',
    breaks: (store) => ({
      load: async (...call) => {
        const snapshot = await store.load(...call)
        return snapshot?.state === null ? undefined : snapshot
      },
    }),
  },
  {
    fault: 'refuses the same snapshot again',
    caughtBy: 'save accepts the same snapshot again',
    breaks: (store) => ({
      save: async (snapshot) => {
        const stored = await store.load(snapshot.stream, { atOrBefore: snapshot.revision })
        if (stored?.revision === snapshot.revision) throw new Error('exists already')
        await store.save(snapshot)
      },
    }),
  },
  {
    fault: 'forgets nothing',
    caughtBy: 'clear forgets all snapshots of a stream and of no other',
    breaks: () => ({ clear: async () => undefined }),
  },
  {
    fault: 'takes nothing after it forgot a stream',
    caughtBy: 'clear leaves the stream ready for new snapshots',
    breaks: (store) => {
      const cleared = new Set<string>()
      return {
        clear: (stream) => {
          cleared.add(stream)
          return store.clear(stream)
        },
        save: async (snapshot) => {
          if (!cleared.has(snapshot.stream)) await store.save(snapshot)
        },
      }
    },
  },
]
