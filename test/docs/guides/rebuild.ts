// #region setup
import {
  createApplication,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineProjection,
  defineReadModel,
  on,
} from 'varve'

const received = defineEvent<{ quantity: number }>('stock.received')
const receive = defineCommand<{ item: string; quantity: number }>('stock.receive', {
  aggregateId: ({ item }) => item,
})
const stock = defineAggregate('stock', {
  initial: () => ({}),
  decide: [decideOn(receive, (_state, { quantity }) => received.create({ quantity }))],
  evolve: [],
})
const levels = defineReadModel<{ _id: string; quantity: number }>('stock_levels')
const stockLevels = defineProjection('stock-levels', {
  into: levels,
  version: 1,
  handlers: [
    on(received, levels, ({ quantity }, level, { aggregateId }) => ({
      _id: aggregateId,
      quantity: (level?.quantity ?? 0) + quantity,
    })),
  ],
})

await using app = await createApplication({
  definitions: [stock, stockLevels],
  eventStore: 'memory:',
  readModels: 'memory:',
})
for (const item of ['tea', 'coffee', 'cocoa']) await app.execute(receive, { item, quantity: 10 })
// #endregion setup

// #region progress
const rebuilding = app.projections.rebuild('stock-levels', { batch: 2_000 })
for await (const { phase, events, ratio } of rebuilding)
  if (phase === 'done') console.log(`${events} events, ${ratio * 100} %`)
const { generation } = await rebuilding
console.log(`Readers are on generation ${generation.number}`)
// #endregion progress

// #region cancel
const cancelled = app.projections.rebuild('stock-levels')
await cancelled.cancel()
const outcome = await cancelled.catch((error: unknown) => (error as Error).name)
console.log(outcome)
// #endregion cancel

// #region rollback
const back = await app.projections.rollback('stock-levels')
console.log(`Readers are back on generation ${back.number}`)
// #endregion rollback

// #region verify
const found = await app.projections.rebuild('stock-levels', { verify: true })
console.log(`${found.differing} of ${found.documents} documents differ`)
for (const { model, id, paths } of found.differences) console.log(model, id, paths)
// #endregion verify

// #region keys
const repaired = await app.projections.rebuild('stock-levels', { keys: ['tea', 'coffee'] })
console.log(`${repaired.documents} documents folded again from ${repaired.events} events`)
// #endregion keys

// #region all
const results = await app.projections.rebuildAll()
for (const [name, { events }] of results) console.log(`${name}: ${events} events`)
// #endregion all
