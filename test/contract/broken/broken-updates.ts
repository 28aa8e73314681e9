import {
  type DocumentUpdate,
  type Generation,
  type ReadModelCommit,
  type ReadModelStore,
  type StoredDocument,
  UpdateRefusedError,
} from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { checkpointOf } from './checkpoint-of.ts'

type Broken = BrokenStore<ReadModelStore>

const appliesOperators =
  'commit applies update operators to a document that is there, and makes one that is not'

/** Commits other updates than it is given. */
function updating(
  change: (
    updates: readonly DocumentUpdate[],
    store: ReadModelStore,
    generation: Generation,
  ) => readonly DocumentUpdate[] | Promise<readonly DocumentUpdate[]>,
): (store: ReadModelStore) => Partial<ReadModelStore> {
  return (store) => ({
    commit: async (commit) => {
      const updates = await change(commit.updates ?? [], store, commit.generation)
      return store.commit({ ...commit, updates })
    },
  })
}

async function stored(
  store: ReadModelStore,
  generation: Generation,
  { model, id }: DocumentUpdate,
): Promise<StoredDocument | undefined> {
  return (await store.load(generation, model, [id])).get(id)
}

/** Keeps the updates of documents that are stored in some way. */
async function updatesOf(
  updates: readonly DocumentUpdate[],
  isMeant: (update: DocumentUpdate) => Promise<boolean>,
): Promise<readonly DocumentUpdate[]> {
  const kept = await Promise.all(updates.map(async (one) => ((await isMeant(one)) ? [one] : [])))
  return kept.flat()
}

/** Replaces values within update operators. */
function withValues(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withValues(item, change))
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return change(value)
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withValues(member, change)]),
  )
}

/** Tries a commit, and does something else where an update of it is refused. */
function refusing(
  otherwise: (
    store: ReadModelStore,
    commit: ReadModelCommit,
    error: UpdateRefusedError,
  ) => ReturnType<ReadModelStore['commit']>,
): (store: ReadModelStore) => Partial<ReadModelStore> {
  return (store) => ({
    commit: async (commit) => {
      try {
        return await store.commit(commit)
      } catch (error) {
        if (!(error instanceof UpdateRefusedError)) throw error
        return otherwise(store, commit, error)
      }
    },
  })
}

function without({ updates = [], ...commit }: ReadModelCommit, id: string): ReadModelCommit {
  return { ...commit, updates: updates.filter((one) => one.id !== id) }
}

/** Faults in what update operators do. */
const brokenOperators: readonly Broken[] = [
  {
    fault: 'moves the checkpoint but applies no updates',
    caughtBy: appliesOperators,
    breaks: updating(() => []),
  },
  {
    fault: 'takes a dotted path for a name',
    caughtBy: appliesOperators,
    breaks: updating((updates) =>
      updates.map(({ update, ...rest }) => {
        const renamed = JSON.stringify(update).replaceAll('in.city', 'in city')
        return { ...rest, update: JSON.parse(renamed) as DocumentUpdate['update'] }
      }),
    ),
  },
  {
    fault: 'makes no document that is not there',
    caughtBy: appliesOperators,
    breaks: updating((updates, store, generation) =>
      updatesOf(updates, async (one) => (await stored(store, generation, one)) !== undefined),
    ),
  },
  {
    fault: 'applies updates in no order',
    caughtBy: 'commit applies the updates of one document one after the other, in order',
    breaks: updating((updates) => updates.toReversed()),
  },
  {
    fault: 'applies the last update of each document only',
    caughtBy: 'commit applies the updates of one document one after the other, in order',
    breaks: updating((updates) => [...new Map(updates.map((one) => [one.id, one])).values()]),
  },
  {
    fault: 'counts with JavaScript numbers',
    caughtBy: 'commit updates with $inc of 64 bits, exactly',
    breaks: updating((updates) =>
      updates.map(({ update, ...rest }) => ({
        ...rest,
        update: withValues(update, (value) =>
          typeof value === 'bigint' ? Number(value) : value,
        ) as DocumentUpdate['update'],
      })),
    ),
  },
  {
    fault: 'sets what is meant for new documents in all',
    caughtBy: 'commit updates with $setOnInsert of a document that is there',
    breaks: updating((updates) =>
      updates.map(({ update: { $setOnInsert, ...update }, ...rest }) => ({
        ...rest,
        update: $setOnInsert ? { ...update, $set: $setOnInsert } : update,
      })),
    ),
  },
  {
    fault: 'adds to sets what is there already',
    caughtBy: 'commit updates with $addToSet of what is there and of what is not, each once',
    breaks: updating((updates) =>
      updates.map(({ update: { $addToSet, ...update }, ...rest }) => ({
        ...rest,
        update: $addToSet ? { ...update, $push: $addToSet } : update,
      })),
    ),
  },
  {
    fault: 'counts no events but those that were folded',
    caughtBy: appliesOperators,
    breaks: (store) => ({
      load: async (...call) => {
        const loaded = await store.load(...call)
        return new Map(
          Array.from(loaded, ([id, stored]) => [
            id,
            { ...stored, events: Math.min(stored.events, 1) },
          ]),
        )
      },
    }),
  },
  {
    fault: 'keeps what it is given',
    caughtBy: 'commit leaves the operators it is given to the caller',
    breaks: (store) => {
      const kept = new Map<string, unknown>()
      return {
        commit: (commit) => {
          for (const { id, update } of commit.updates ?? []) kept.set(id, update['$set'])
          return store.commit(commit)
        },
        load: async (...call) => {
          const loaded = await store.load(...call)
          return new Map(
            Array.from(loaded, ([id, { document, ...rest }]) => [
              id,
              { ...rest, document: document && { ...document, ...(kept.get(id) as object) } },
            ]),
          )
        },
      }
    },
  },
]

/** Faults in which updates are applied. */
const brokenGuards: readonly Broken[] = [
  {
    fault: 'applies an update again',
    caughtBy: 'commit applies no update to a document that has its event already',
    breaks: updating((updates, store, generation) =>
      Promise.all(
        updates.map(async (one, index) => {
          const position = (await stored(store, generation, one))?.position ?? -1n
          return position < one.position ? one : { ...one, position: position + BigInt(index + 1) }
        }),
      ),
    ),
  },
  {
    fault: 'applies no update of a batch of which a document has an event already',
    caughtBy: 'commit applies no update to a document that has its event already',
    breaks: updating((updates, store, generation) =>
      updatesOf(updates, async (one) => {
        const first = updates.find(({ id }) => id === one.id) ?? one
        return ((await stored(store, generation, one))?.position ?? -1n) < first.position
      }),
    ),
  },
  {
    fault: 'never makes a deleted document anew',
    caughtBy: 'commit makes a document anew that was deleted by an earlier event',
    breaks: updating((updates, store, generation) =>
      updatesOf(updates, async (one) => {
        const found = await stored(store, generation, one)
        return !found || found.document !== undefined
      }),
    ),
  },
  {
    fault: 'applies the updates of a refused commit',
    caughtBy: 'commit refuses the updates of a runner that lost the checkpoint, and applies none',
    breaks: (store) => ({
      commit: async (commit) => {
        const found = await checkpointOf(store, commit)
        if (found && found.epoch !== commit.from.epoch)
          await store.commit({ ...commit, from: found, position: found.position ?? 0n })
        return store.commit(commit)
      },
    }),
  },
]

/** Faults in which updates are refused. */
const brokenRefusals: readonly Broken[] = [
  {
    fault: 'passes over an update it cannot apply',
    caughtBy: 'commit refuses $inc of a text, names the document and moves no checkpoint',
    breaks: refusing((store, commit, { id }) => store.commit(without(commit, id))),
  },
  {
    fault: 'takes a pipeline for an update without operators',
    caughtBy: 'commit refuses a pipeline for an update, and writes nothing',
    breaks: updating((updates) =>
      updates.map((one) => (Array.isArray(one.update) ? { ...one, update: {} } : one)),
    ),
  },
  {
    fault: 'moves the checkpoint past an update it refuses',
    caughtBy: 'commit refuses $push onto a text, names the document and moves no checkpoint',
    breaks: refusing(async (store, commit, error) => {
      await store.commit({ ...commit, updates: [] })
      throw error
    }),
  },
  {
    fault: 'applies what comes before an update it refuses',
    caughtBy: 'commit refuses an operator nobody knows for an update, and writes nothing',
    breaks: refusing(async (store, commit, error) => {
      await store.commit(without(commit, error.id))
      throw error
    }),
  },
  {
    fault: 'names the wrong document',
    caughtBy: 'commit refuses a new _id for an update, and writes nothing',
    breaks: refusing((_store, { updates = [] }, { model, reason }) =>
      Promise.reject(new UpdateRefusedError(model, updates[0]?.id ?? '', reason)),
    ),
  },
  {
    fault: 'loses the history of what is updated',
    caughtBy: 'commit refuses update operators for a model with history',
    breaks: updating((updates) =>
      updates.map((one) => ({ ...one, model: { ...one.model, history: false } })),
    ),
  },
  {
    fault: 'updates with what no document can hold',
    caughtBy: 'commit refuses what no document can hold in an update too',
    breaks: updating((updates) =>
      updates.map(({ update, ...rest }) => ({
        ...rest,
        update: withValues(update, (value) =>
          typeof value === 'function' || value instanceof Map ? null : value,
        ) as DocumentUpdate['update'],
      })),
    ),
  },
  {
    fault: 'updates over unique indexes',
    caughtBy: 'commit refuses an update to a value under a unique index that another document has',
    breaks: (store) => ({
      create: async () => undefined,
      commit: (commit) => {
        const updates = commit.updates?.map((one) => ({
          ...one,
          model: { ...one.model, indexes: [] },
        }))
        return store.commit({ ...commit, updates: updates ?? [] })
      },
    }),
  },
]

/** Faults in documents changed by the store's own operators. */
export const brokenUpdates: readonly Broken[] = [
  ...brokenOperators,
  ...brokenGuards,
  ...brokenRefusals,
]
