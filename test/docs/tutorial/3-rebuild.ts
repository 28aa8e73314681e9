// #region setup
import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from './stock-item.ts'
import { ListLowStock, ListLowStockHandler, StockLevels } from './stock-levels.ts'

await using app = await createApplication({
  definitions: [StockItem, StockLevels, ListLowStockHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
})

for (const itemId of ['tea', 'coffee', 'cocoa']) {
  await app.execute(ReceiveGoods, { itemId, quantity: 10 })
  await app.execute(ShipGoods, { itemId, quantity: 6 })
}
// #endregion setup

// #region rebuild
const phases = new Set<string>()
const { events, generation } = await app.projections.rebuild('stock-levels', {
  onProgress: ({ phase }) => phases.add(phase),
})
console.log(`Phases: ${[...phases].join(', ')}`)
console.log(`Replayed ${events} events into generation ${generation.number}`)

const low = await app.query(new ListLowStock(5))
console.log(`Low on stock: ${low.length} items`)
// #endregion rebuild
