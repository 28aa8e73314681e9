import {
  type Checkpoint,
  CheckpointConflictError,
  DocumentTooLargeError,
  type ReadModelStore,
} from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { checkpointOf } from './checkpoint-of.ts'

type Broken = BrokenStore<ReadModelStore>

/** Writes over whatever checkpoint there is. */
async function force(
  store: ReadModelStore,
  commit: Parameters<ReadModelStore['commit']>[0],
): Promise<Checkpoint> {
  for (;;) {
    const current = await checkpointOf(store, commit)
    try {
      return await store.commit({ ...commit, from: current ?? commit.from })
    } catch (error) {
      if (!current || !(error instanceof CheckpointConflictError)) throw error
    }
  }
}

/** Faults in what a commit checks and writes. */
export const brokenCommits: readonly Broken[] = [
  {
    fault: 'ignores the epoch',
    caughtBy:
      'commit refuses a runner that lost the checkpoint to another, and writes nothing of it',
    breaks: (store) => ({
      commit: async (commit) => {
        const current = await checkpointOf(store, commit)
        const epoch = current?.epoch ?? commit.from.epoch
        return store.commit({ ...commit, from: { ...commit.from, epoch } })
      },
    }),
  },
  {
    fault: 'ignores the position of the checkpoint',
    caughtBy: 'commit refuses a commit from another position, and writes nothing of it',
    breaks: (store) => ({
      commit: async (commit) => {
        const current = await checkpointOf(store, commit)
        const position = current?.position
        return store.commit({ ...commit, from: { ...commit.from, position } })
      },
    }),
  },
  {
    fault: 'looks at the checkpoint before it writes, not while it writes',
    caughtBy: 'commit lets one of two racing commits from the same checkpoint win',
    breaks: (store) => ({
      commit: async (commit) => {
        const found = await checkpointOf(store, commit)
        const { epoch, position } = commit.from
        if (found?.epoch !== epoch || found.position !== position)
          throw new CheckpointConflictError(commit.from, found)
        return force(store, commit)
      },
    }),
  },
  {
    fault: 'writes the documents of a refused commit',
    caughtBy:
      'commit refuses a runner that lost the checkpoint to another, and writes nothing of it',
    breaks: (store) => ({
      commit: async (commit) => {
        const found = await checkpointOf(store, commit)
        if (found && found.epoch !== commit.from.epoch) {
          const to = found.position ?? commit.position
          await store.commit({ ...commit, from: found, position: to })
        }
        return store.commit(commit)
      },
    }),
  },
  {
    fault: 'writes documents but no checkpoint',
    caughtBy: 'commit writes documents and moves the checkpoint to the position it returns',
    breaks: (store) => {
      const shown = new Map<string, Checkpoint>()
      return {
        commit: async (commit) => {
          const before = await checkpointOf(store, commit)
          const moved = await store.commit(commit)
          if (before && !shown.has(moved.id)) shown.set(moved.id, before)
          return moved
        },
        checkpoints: async (generation) => {
          const current = await store.checkpoints(generation)
          return current.map((one) => shown.get(one.id) ?? one)
        },
      }
    },
  },
  {
    fault: 'moves the checkpoint but writes no documents',
    caughtBy: 'commit writes documents and moves the checkpoint to the position it returns',
    breaks: (store) => ({ commit: (commit) => store.commit({ ...commit, writes: [] }) }),
  },
  {
    fault: 'moves the checkpoint only when there are documents',
    caughtBy: 'commit moves the checkpoint without a document',
    breaks: (store) => ({
      commit: async (commit) =>
        commit.writes.length > 0
          ? store.commit(commit)
          : { ...commit.from, position: commit.position },
    }),
  },
  {
    fault: 'writes the first model only',
    caughtBy: 'commit writes several models at once',
    breaks: (store) => ({
      commit: (commit) => {
        const [first] = commit.writes
        const writes = commit.writes.filter(({ model }) => model.name === first?.model.name)
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'writes no more than a thousand documents',
    caughtBy: 'commit writes two thousand documents at once',
    breaks: (store) => ({
      commit: (commit) => store.commit({ ...commit, writes: commit.writes.slice(0, 1000) }),
    }),
  },
  {
    fault: 'makes no unique index',
    caughtBy: 'commit refuses a value under a unique index that another document has',
    breaks: (store) => ({
      create: async () => undefined,
      commit: (commit) => {
        const writes = commit.writes.map((write) => ({
          ...write,
          model: { ...write.model, indexes: [] },
        }))
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'merges a document into the one before',
    caughtBy: 'commit replaces a document whole',
    breaks: (store) => ({
      commit: async (commit) => {
        const writes = commit.writes.map(async (write) => {
          const loaded = await store.load(commit.generation, write.model, [write.id])
          const document = write.document && {
            ...loaded.get(write.id)?.document,
            ...write.document,
          }
          return { ...write, document }
        })
        return store.commit({ ...commit, writes: await Promise.all(writes) })
      },
    }),
  },
  {
    fault: 'deletes nothing',
    caughtBy: 'commit deletes a document, and brings it back when it is written again',
    breaks: (store) => ({
      commit: (commit) => {
        const writes = commit.writes.filter(({ document }) => document !== undefined)
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'never brings a deleted document back',
    caughtBy: 'commit deletes a document, and brings it back when it is written again',
    breaks: (store) => {
      const deleted = new Set<string>()
      return {
        commit: (commit) => {
          const writes = commit.writes.filter(({ model, id }) => !deleted.has(model.name + id))
          for (const { model, id, document } of writes) if (!document) deleted.add(model.name + id)
          return store.commit({ ...commit, writes })
        },
      }
    },
  },
  {
    fault: 'writes what comes before a document that is too large',
    caughtBy: 'commit refuses a document over the limit and writes nothing of the commit',
    breaks: (store) => ({
      commit: async (commit) => {
        try {
          return await store.commit(commit)
        } catch (error) {
          if (!(error instanceof DocumentTooLargeError)) throw error
          const writes = commit.writes.filter(({ id }) => id !== error.id)
          await store.commit({ ...commit, writes })
          throw error
        }
      },
    }),
  },
]
