import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from '../tutorial/stock-item.ts'
import { Overview, OverviewHandler } from './warehouse-overview.ts'
import { Shelves, Turnovers } from './warehouse-models.ts'

await using app = await createApplication({
  definitions: [StockItem, Shelves, Turnovers, OverviewHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
})

await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })
await app.execute(ReceiveGoods, { itemId: 'milk', quantity: 2 })
await app.execute(ShipGoods, { itemId: 'tea', quantity: 4 })
const last = await app.execute(ShipGoods, { itemId: 'milk', quantity: 2 })

for (const line of await app.query(new Overview(), { after: last })) console.log(line)
