// #region setup
import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from '../tutorial/stock-item.ts'
import { ListLowStock, ListLowStockHandler, StockLevels } from '../tutorial/stock-levels.ts'
import { CountShipments, CountShipmentsHandler, Shipments } from './shipments.ts'

await using app = await createApplication({
  definitions: [StockItem, StockLevels, ListLowStockHandler, Shipments, CountShipmentsHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
})

const by = (actor: string, correlationId: string) => ({ actor, correlationId })
await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 }, by('ann', 'delivery-1'))
const shipped = await app.execute(ShipGoods, { itemId: 'tea', quantity: 9 }, by('bob', 'order-1'))
await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 20 }, by('ann', 'delivery-2'))
await app.execute(ShipGoods, { itemId: 'tea', quantity: 5 }, by('bob', 'order-2'))
// #endregion setup

// #region load
const points = [{ revision: 1n }, { date: new Date() }, shipped]
for (const at of points) {
  const tea = await app.load(StockItem, 'tea', { at })
  console.log(`${tea.inStock} in stock`)
}
// #endregion load

// #region history
for await (const { event, before, after, changes } of app.history(StockItem, 'tea', {
  from: { revision: 1n },
  to: { revision: 2n },
})) {
  const paths = changes.map(({ path }) => path).join()
  console.log(`${event.type}: ${before.inStock} to ${after.inStock} (${paths})`)
}
// #endregion history

// #region diff
const { changes } = await app.diff(StockItem, 'tea', { revision: 0n }, { revision: 3n })
for (const { path, before, after } of changes)
  console.log(`${path}: ${String(before)} to ${String(after)}`)
// #endregion diff

// #region what-if
const order = { itemId: 'tea', quantity: 12 }
const now = await app.whatIf(ShipGoods, order)
console.log(`now: ${now.events.length} event`)
await app
  .whatIf(ShipGoods, order, { at: shipped })
  .catch((error: unknown) => console.log(`then: ${(error as Error).message}`))
// #endregion what-if

// #region query
const low = await app.query(new ListLowStock(5), { asOf: shipped })
console.log(low.map(({ _id, inStock }) => `${_id}: ${inStock}`).join())
// #endregion query

// #region at
await using past = await app.at(shipped)
const item = await past.load(StockItem, 'tea')
const [level] = await past.query(new ListLowStock(5))
const shipments = await past.query(new CountShipments('tea'))
console.log(`${item.inStock} in stock, ${level?.inStock} in the list, ${shipments} shipped`)
// #endregion at

// #region audit
for await (const { actor, command, aggregateId } of app.audit({ actor: 'bob' }))
  console.log(`${actor}: ${command} on ${aggregateId}`)
// #endregion audit

// #region original
for await (const { event, schemaVersion } of app.history(StockItem, 'tea', {
  to: { revision: 0n },
  schema: 'original',
}))
  console.log(`${event.type} in version ${schemaVersion}: ${JSON.stringify(event.data)}`)
// #endregion original

// #region progress
await app.query(new CountShipments('tea'), {
  asOf: { date: new Date() },
  onProgress: ({ projection, events }) => console.log(`${projection}: ${events} events`),
})
// #endregion progress
