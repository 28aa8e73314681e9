// #region setup
import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from './stock-item.ts'
import { ListLowStock, ListLowStockHandler, StockLevels } from './stock-levels.ts'

await using app = await createApplication({
  definitions: [StockItem, StockLevels, ListLowStockHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
})

const received = await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })
const shipped = await app.execute(ShipGoods, { itemId: 'tea', quantity: 9 })
const restocked = await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 20 })
// #endregion setup

// #region aggregate
for (const revision of [0n, 1n, 2n]) {
  const tea = await app.load(StockItem, 'tea', { at: { revision } })
  console.log(`Revision ${revision}: ${tea.inStock} in stock`)
}
// #endregion aggregate

// #region read-model
await app.query(new ListLowStock(5), { after: restocked })
for (const { position } of [received, shipped, restocked]) {
  if (position === undefined) continue
  const low = await app.query(new ListLowStock(5), { asOf: { position } })
  console.log(`Position ${position}: ${low.map(({ _id }) => _id).join() || 'nothing'} is low`)
}
// #endregion read-model

// #region date
const lastYear = new Date(Date.now() - 365 * 24 * 60 * 60 * 1000)
const low = await app.query(new ListLowStock(5), { asOf: { date: lastYear } })
console.log(`A year ago: ${low.length} items`)
await app
  .load(StockItem, 'tea', { at: { date: new Date('2020-01-01') } })
  .catch((error: unknown) => console.log(String(error)))
// #endregion date
