import { Container } from 'inversify'
import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from '../tutorial/stock-item.ts'
import { Mailer, Restocking, ShippingNotes } from './shipping.ts'

const container = new Container()
container.bind(Mailer).toSelf().inSingletonScope()

await using app = await createApplication({
  definitions: [StockItem, ShippingNotes, Restocking],
  eventStore: 'memory:',
  readModels: 'memory:',
  container,
})

await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })
const shipped = await app.execute(ShipGoods, { itemId: 'tea', quantity: 4 })
await app.eventHandlers.waitFor('shipping-notes', shipped)
await app.eventHandlers.waitFor('restocking', shipped)

const tea = await app.load(StockItem, 'tea')
console.log(`tea: ${tea.inStock}`)
for (const { name, state, handled } of app.eventHandlers.status())
  console.log(`${name}: ${state}, ${handled} handled`)
