import type { ReadModelDocument, ReadModelStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

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
export const brokenLoads: readonly BrokenStore<ReadModelStore>[] = [
  {
    fault: 'begins every page with the last document of the one before',
    caughtBy: 'list names every document once, page by page, as it was committed',
    breaks: (store) => ({
      list: async (generation, model, after, limit) => {
        const page = await store.list(generation, model, after, limit)
        return after === undefined || page.length < limit
          ? page
          : [{ _id: after }, ...page.slice(0, -1)]
      },
    }),
  },
  {
    fault: 'lists a page only',
    caughtBy: 'list names every document once, page by page, as it was committed',
    breaks: (store) => ({
      list: async (generation, model, after, limit) =>
        after === undefined ? store.list(generation, model, after, limit) : [],
    }),
  },
  {
    fault: 'goes on with the next document where a page ends within the versions of one',
    caughtBy:
      'listVersions names every version once with its validity, page by page, those of a document oldest first',
    breaks: (store) => ({
      listVersions: (generation, model, after, limit) =>
        store.listVersions(generation, model, after && { ...after, from: 2n ** 62n }, limit),
    }),
  },
  {
    fault: 'takes every version for valid still',
    caughtBy:
      'listVersions names every version once with its validity, page by page, those of a document oldest first',
    breaks: (store) => ({
      listVersions: async (...call) =>
        (await store.listVersions(...call)).map((version) => ({
          ...version,
          to: undefined,
          toAt: undefined,
        })),
    }),
  },
  {
    fault: 'ends a version with the date of the next one, whatever comes later',
    caughtBy:
      'listVersions ends versions with the earliest date after them where the clock of the log went back',
    breaks: (store) => ({
      listVersions: async (...call) => {
        const page = await store.listVersions(...call)
        return page.map((version, index) => ({ ...version, toAt: page[index + 1]?.fromAt }))
      },
    }),
  },
  {
    fault: 'loads the newest version of a document, whichever is asked for',
    caughtBy: 'loadVersions finds versions by their keys and leaves out what is not there',
    breaks: (store) => ({
      loadVersions: async (generation, model, keys) => {
        const all = await store.listVersions(generation, model, undefined, 100)
        return keys.flatMap(({ id }) => all.filter((one) => one.id === id).slice(-1))
      },
    }),
  },
  {
    fault: 'keeps what is as new as a repair',
    caughtBy:
      'commit replaces, brings back and removes documents in a repair, whatever their position',
    breaks: (store) => ({
      commit: ({ isRepair: _isRepair, ...commit }) => store.commit(commit),
    }),
  },
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
    fault: 'counts the events of a document by its writes',
    caughtBy: 'load returns how many events a document has, as it was told',
    breaks: (store) => ({
      load: async (generation, model, ids) => {
        const loaded = await store.load(generation, model, ids)
        return new Map(Array.from(loaded, ([id, stored]) => [id, { ...stored, events: 2 }]))
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
