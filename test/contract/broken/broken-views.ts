import type { ReadModelStore, ViewPoint } from '@varve/core'
import { InMemoryCursor, type InMemoryReadModelView } from '@varve/memory'
import type { BrokenStore } from './broken-store.ts'
import { checkpointOf } from './checkpoint-of.ts'

type Broken = BrokenStore<ReadModelStore>
type View = InMemoryReadModelView

/** Replaces some calls of each view. */
function viewing(
  breaks: (view: View, at: ViewPoint | undefined) => Partial<View>,
): (store: ReadModelStore) => Partial<ReadModelStore> {
  return (store) => ({
    view: (generation, model, at) => {
      const view = store.view(generation, model, at) as View
      const own: Partial<View> = {
        findOne: (...call) => view.findOne(...call),
        find: (...call) => view.find(...call),
        aggregate: (...call) => view.aggregate(...call),
        countDocuments: (...call) => view.countDocuments(...call),
        distinct: (...call) => view.distinct(...call),
      }
      return { ...own, ...breaks(view, at) }
    },
  })
}

/** Asks for another point in the past. */
function pointing(
  change: (at: ViewPoint) => ViewPoint | undefined,
): (store: ReadModelStore) => Partial<ReadModelStore> {
  return (store) => ({
    view: (generation, model, at) => {
      const point = at && change(at)
      return point ? store.view(generation, model, point) : store.view(generation, model)
    },
  })
}

/** Faults in queries. */
export const brokenViews: readonly Broken[] = [
  {
    fault: 'looks at the id only',
    caughtBy: 'view finds one document by id, by a filter, and none',
    breaks: viewing((view) => ({
      findOne: (filter, options) =>
        view.findOne(filter && '_id' in filter ? { _id: filter['_id'] } : filter, options),
    })),
  },
  {
    fault: 'counts every document',
    caughtBy: 'view finds what a filter matches',
    breaks: viewing((view) => ({ countDocuments: () => view.countDocuments() })),
  },
  {
    fault: 'ignores the options of a find',
    caughtBy: 'view sorts, skips, limits and projects',
    breaks: viewing((view) => ({ find: (filter) => view.find(filter) })),
  },
  {
    fault: 'ignores skip and limit of a count',
    caughtBy: 'view counts, and lists distinct values',
    breaks: viewing((view) => ({ countDocuments: (filter) => view.countDocuments(filter) })),
  },
  {
    fault: 'lists arrays instead of their elements',
    caughtBy: 'view counts, and lists distinct values',
    breaks: viewing((view) => ({
      distinct: async (key) => {
        const found = await view.find().toArray()
        return found.map((document) => (document as unknown as Record<string, unknown>)[key])
      },
    })),
  },
  {
    fault: 'aggregates all documents whatever the first stage says',
    caughtBy: 'view aggregates',
    breaks: viewing((view) => ({
      aggregate: (pipeline) => view.aggregate(pipeline?.filter((stage) => !('$match' in stage))),
    })),
  },
  {
    fault: 'shows its _meta in a projection that leaves fields out',
    caughtBy: 'view shows nothing but what was committed: no _meta, no deleted document',
    breaks: viewing((view) => ({
      find: (filter, options) =>
        options?.projection
          ? view.find(filter, options).map((document) => ({ ...document, _meta: {} }))
          : view.find(filter, options),
    })),
  },
  {
    fault: 'shows its _meta in an aggregation',
    caughtBy: 'view shows nothing but what was committed: no _meta, no deleted document',
    breaks: viewing((view) => ({
      aggregate: () => {
        const found = view.find().toArray()
        const results = found.then((documents) => documents.map((one) => ({ ...one, _meta: {} })))
        const cursor = new InMemoryCursor<never>(() => [])
        return Object.assign(cursor, { toArray: () => results as Promise<never[]> })
      },
    })),
  },
  {
    fault: 'shows what was there when it was opened',
    caughtBy: 'view shows what was committed after it was opened',
    breaks: viewing((view) => {
      const count = view.countDocuments()
      return {
        countDocuments: async (...call) => (call.length > 0 ? view.countDocuments(...call) : count),
      }
    }),
  },
]

/** Faults in history. */
export const brokenHistories: readonly Broken[] = [
  {
    fault: 'shows the present for the past',
    caughtBy: 'view shows the documents as they were after the event at a position',
    breaks: pointing(() => undefined),
  },
  {
    fault: 'shows the past before the event at a position',
    caughtBy: 'view shows the documents as they were after the event at a position',
    breaks: pointing((at) => ('position' in at ? { position: at.position - 1n } : at)),
  },
  {
    fault: 'shows the past before the instant of an event',
    caughtBy: 'view shows the documents as they were at a date, from the instant of the event on',
    breaks: pointing((at) => ('date' in at ? { date: new Date(at.date.getTime() - 1) } : at)),
  },
  {
    fault: 'knows dates to the second',
    caughtBy: 'view shows the documents as they were at a date, from the instant of the event on',
    breaks: pointing((at) =>
      'date' in at ? { date: new Date(Math.ceil(at.date.getTime() / 1000) * 1000) } : at,
    ),
  },
  {
    fault: 'keeps the last version of a batch only',
    caughtBy: 'view shows the documents as they were after the event at a position',
    breaks: (store) => ({
      commit: (commit) => {
        const writes = commit.writes.map((write) => ({
          ...write,
          versions: write.versions.slice(-1),
        }))
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'leaves the interval of a deleted document open',
    caughtBy: 'view shows the documents as they were after the event at a position',
    breaks: (store) => ({
      commit: (commit) => {
        const writes = commit.writes.map((write) => ({
          ...write,
          versions: write.versions.filter(({ document }) => document !== undefined),
        }))
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'leaves the interval of a replaced version open',
    caughtBy: 'view answers every query in the past as it does now',
    breaks: (store) => ({
      commit: (commit) => {
        // Each version under an id of its own: none ends, and all are found.
        const writes = commit.writes.flatMap((write) => [
          write,
          ...write.versions.map((version) => ({
            ...write,
            id: `${write.id}@${version.position}`,
            versions: [version],
          })),
        ])
        return store.commit({ ...commit, writes })
      },
    }),
  },
  {
    fault: 'keeps the versions of a refused commit',
    caughtBy: 'view keeps no versions of a refused commit',
    breaks: (store) => ({
      commit: async (commit) => {
        const found = await checkpointOf(store, commit)
        if (found && found.epoch !== commit.from.epoch)
          await store.commit({ ...commit, from: found, position: found.position as bigint })
        return store.commit(commit)
      },
    }),
  },
  {
    fault: 'shows the present of a model without history for its past',
    caughtBy: 'view refuses the past of a model without history',
    breaks: (store) => ({
      view: (generation, model, at) =>
        model.history ? store.view(generation, model, at) : store.view(generation, model),
    }),
  },
]
