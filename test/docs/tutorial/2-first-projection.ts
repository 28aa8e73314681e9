import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from './stock-item.ts'
import { ListLowStock, ListLowStockHandler, StockLevels } from './stock-levels.ts'

await using app = await createApplication({
  definitions: [StockItem, StockLevels, ListLowStockHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
})

await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })
await app.execute(ReceiveGoods, { itemId: 'coffee', quantity: 3 })
const shipped = await app.execute(ShipGoods, { itemId: 'tea', quantity: 9 })

const low = await app.query(new ListLowStock(5), { after: shipped })
for (const { _id, inStock } of low) console.log(`${_id}: ${inStock}`)

const [status] = app.projections.status()
console.log(`${status?.name}: ${status?.eventsApplied} events, ${status?.level}`)
