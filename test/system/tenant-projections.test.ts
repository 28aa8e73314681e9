import {
  type Application,
  type CommandResult,
  createApplication,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineProjection,
  defineQueryHandler,
  defineReadModel,
  on,
  Query,
  type ReadModelView,
  silentLogger,
} from 'varve'
import { rekey, streamName, write } from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, it, vi } from 'vitest'

const added = defineEvent<{ sku: string; set?: object }>('item.added')
const renamed = defineEvent<{ to: string }>('item.renamed')
const add = defineCommand<{ id: string; sku: string; set?: object }>('item.add', {
  aggregateId: ({ id }) => id,
})
const rename = defineCommand<{ id: string; to: string }>('item.rename', {
  aggregateId: ({ id }) => id,
})
const item = defineAggregate('item', {
  initial: () => ({}),
  decide: [
    decideOn(add, (_, { sku, set }) => added.create({ sku, ...(set && { set }) })),
    decideOn(rename, (_, { to }) => renamed.create({ to })),
  ],
  evolve: [
    { event: added, evolve: (state: object) => state },
    { event: renamed, evolve: (state: object) => state },
  ],
})

interface Count {
  _id: string
  count: number
}
const counts = defineReadModel<Count>('counts')
const items = defineReadModel<{ _id: string; sku: string; before: number }>('items')
const projections = [
  defineProjection('counts', {
    into: counts,
    handlers: [
      write(
        added,
        counts,
        ({ set }) => (set as Record<string, unknown> | undefined) ?? { $inc: { count: 1 } },
        { key: ({ sku }) => sku },
      ),
    ],
  }),
  defineProjection('items', {
    into: items,
    handlers: [
      on(
        added,
        items,
        ({ sku, set }, found, { aggregateId }, [other]) => ({
          _id: aggregateId,
          sku,
          before: other ? (other as unknown as { before: number }).before + 1 : 0,
          ...set,
        }),
        { joins: [{ model: items, id: ({ sku }) => (sku === 'joined' ? 'a' : undefined) }] },
      ),
      rekey(renamed, items, { to: ({ to }) => to }),
    ],
  }),
]

class ListAll extends Query<unknown> {}
const listAll = defineQueryHandler<ListAll, [ReadModelView<Count>, ReadModelView<Count>]>(ListAll, {
  reads: [counts, items],
  execute: async (_, all, others) => [
    await all.find().sort({ _id: 1 }).toArray(),
    await others.find().sort({ _id: 1 }).toArray(),
  ],
})

const openWith = (eventStore = new InMemoryEventStore()) =>
  createApplication({
    definitions: [item, ...projections, listAll],
    eventStore: { eventStore },
    readModels: 'memory:',
    tenants: true,
    projections: { retryDelaysMs: [] },
    logger: silentLogger,
  })
const all = (app: Application, tenant: string, after: CommandResult) =>
  app.query(new ListAll(), { tenant, after })
async function letters(app: Application, projection: string) {
  let count = 0
  for await (const batch of app.projections.deadLetters(projection).list()) count += batch.length
  return count
}

describe('projections of tenants', () => {
  it('write by update operators, join and move documents within their tenant', async () => {
    await using app = await openWith()
    for (const tenant of ['acme', 'beta'])
      await app.execute(add, { id: 'a', sku: 'tea' }, { tenant })
    await app.execute(add, { id: 'b', sku: 'joined' }, { tenant: 'acme' })
    const added = await app.execute(add, { id: 'x', sku: 'joined' }, { tenant: 'gamma' })
    await all(app, 'gamma', added)
    const last = await app.execute(rename, { id: 'a', to: 'z' }, { tenant: 'beta' })
    expect(await all(app, 'acme', last)).toEqual([
      [
        { _id: 'joined', count: 1 },
        { _id: 'tea', count: 1 },
      ],
      [
        { _id: 'a', sku: 'tea', before: 0 },
        { _id: 'b', sku: 'joined', before: 1 },
      ],
    ])
    expect(await all(app, 'beta', last)).toEqual([
      [{ _id: 'tea', count: 1 }],
      [{ _id: 'z', sku: 'tea', before: 0 }],
    ])
    expect(await all(app, 'gamma', last)).toEqual([
      [{ _id: 'joined', count: 1 }],
      [{ _id: 'x', sku: 'joined', before: 0 }],
    ])
  })

  it.each([
    ['counts', { $set: { _tenant: 'beta' } }],
    ['counts', { $rename: { count: '_tenant' } }],
    ['counts', { $unset: { '_tenant.x': 1 } }],
    ['items', { _tenant: 'beta' }],
    ['items', { _id: 'beta.a' }],
  ])('never give a document of %s away by %j', async (projection, set) => {
    await using app = await openWith()
    await app.execute(add, { id: 'a', sku: 'tea', set }, { tenant: 'acme' })
    await vi.waitFor(async () => {
      expect(await letters(app, projection)).toBe(1)
    })
    expect(await app.query(new ListAll(), { tenant: 'beta' })).toEqual([[], []])
  })

  it('refuse events that are in no tenant’s stream, or whose metadata name another', async () => {
    const eventStore = new InMemoryEventStore()
    await using app = await openWith(eventStore)
    const event = (id: number, metadata: Record<string, unknown>) => ({
      id: `00000000-0000-4000-8000-00000000000${id}`,
      type: 'item.added',
      data: { sku: 'tea' },
      metadata,
    })
    const append = (id: string, one: ReturnType<typeof event>) =>
      eventStore.append(streamName('item', id), [one], { expected: 'any' })
    await append('a', event(1, {}))
    await append('beta.a', event(2, { tenant: 'acme' }))
    await append('beta.b', event(3, {}))
    await vi.waitFor(async () => {
      expect(await letters(app, 'counts')).toBe(3)
      expect(await letters(app, 'items')).toBe(3)
    })
    for (const tenant of ['acme', 'beta', 'a'])
      expect(await app.query(new ListAll(), { tenant })).toEqual([[], []])
  })
})
