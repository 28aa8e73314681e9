import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from './stock-item.ts'

await using app = await createApplication({
  definitions: [StockItem],
  eventStore: 'memory:',
  readModels: 'memory:',
})

const received = await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })
console.log(`Stream ${received.stream} is at revision ${received.revision}`)

await app.execute(ShipGoods, { itemId: 'tea', quantity: 4 })
const tea = await app.load(StockItem, 'tea')
console.log(`In stock: ${tea.inStock}`)

const report = (error: unknown) => console.log(String(error))
await app.execute(ShipGoods, { itemId: 'tea', quantity: 7 }).catch(report)
await app.execute(ShipGoods, { itemId: 'tea', quantity: -1.5 }).catch(report)

const order = { itemId: 'tea', quantity: 1 }
await app.execute(ShipGoods, order, { id: 'order-17' })
const again = await app.execute(ShipGoods, order, { id: 'order-17' })
console.log(`Order 17 was shipped before: ${again.isRepeated}`)
