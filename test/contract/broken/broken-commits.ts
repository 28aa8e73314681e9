import {
  type Checkpoint,
  CheckpointConflictError,
  DocumentTooLargeError,
  type ReadModelDocument,
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

function loading(
  change: (document: ReadModelDocument | undefined, position: bigint) => unknown,
): (store: ReadModelStore) => Partial<ReadModelStore> {
  return (store) => ({
    load: async (...call) => {
      const loaded = await store.load(...call)
      return new Map(
        [...loaded].map(([id, { document, ...rest }]) => [
          id,
          { ...rest, document: change(document, rest.position) as ReadModelDocument | undefined },
        ]),
      )
    },
  })
}

/** Faults in what a load returns. */
export const brokenLoads: readonly Broken[] = [
  {
    fault: 'forgets how many events a document has',
    caughtBy: 'load returns how many events a document has, as it was told',
    breaks: (store) => ({
      load: async (...call) =>
        new Map(
          Array.from(
            await store.load(...call),
            ([id, one]) => [id, { ...one, events: 1 }] as const,
          ),
        ),
    }),
  },
  {
    fault: 'makes text of dates and bigints',
    caughtBy: 'load returns every kind of value as it was committed',
    breaks: loading((document) => {
      const text = JSON.stringify(document, (_key, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      ) as string | undefined
      return text === undefined ? undefined : (JSON.parse(text) as unknown)
    }),
  },
  {
    fault: 'shows its _meta',
    caughtBy: 'load returns every kind of value as it was committed',
    breaks: loading((document, position) => document && { ...document, _meta: { position } }),
  },
  {
    fault: 'makes null of what is undefined',
    caughtBy: 'load leaves out members that are undefined',
    breaks: (store) => ({
      commit: (commit) => {
        const nulled = (document: ReadModelDocument | undefined) =>
          document &&
          (Object.fromEntries(
            Object.entries(document).map(([key, value]: [string, unknown]) => [key, value ?? null]),
          ) as unknown as ReadModelDocument)
        const writes = commit.writes.map((write) => ({
          ...write,
          document: nulled(write.document),
        }))
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'hands out the stored document itself',
    caughtBy: 'load returns documents that the caller may change without changing the store',
    breaks: (store) => {
      const shared = new Map<string, ReadModelDocument | undefined>()
      return loading((document, position) => {
        const key = `${document?._id}@${position}`
        if (!shared.has(key)) shared.set(key, document)
        return shared.get(key)
      })(store)
    },
  },
  {
    fault: 'returns the position of the checkpoint for that of a document',
    caughtBy: 'load returns those of many ids that exist, each with its own position',
    breaks: (store) => ({
      load: async (generation, model, ids) => {
        const loaded = await store.load(generation, model, ids)
        const [checkpoint] = await store.checkpoints(generation)
        const position = checkpoint?.position ?? 0n
        return new Map([...loaded].map(([id, stored]) => [id, { ...stored, position }]))
      },
    }),
  },
  {
    fault: 'returns no more than a hundred documents',
    caughtBy: 'load returns those of many ids that exist, each with its own position',
    breaks: (store) => ({
      load: (generation, model, ids) => store.load(generation, model, ids.slice(0, 100)),
    }),
  },
]
