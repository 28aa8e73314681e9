import { createApplication } from 'varve'
import { ReceiveGoods, StockItem } from '../tutorial/stock-item.ts'
import { GetLevel, GetLevelHandler, StockLevels } from '../tutorial/stock-levels-2.ts'

// #region application
await using app = await createApplication({
  definitions: [StockItem, StockLevels, GetLevelHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
  tenants: true,
})

const acme = await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 }, { tenant: 'acme' })
const beta = await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 3 }, { tenant: 'beta' })
console.log(`${acme.stream}, ${beta.stream}`)

const level = await app.query(new GetLevel('tea'), { tenant: 'beta', after: beta })
console.log(`beta has ${level?.inStock}, under the id ${level?._id}`)

const tea = await app.load(StockItem, 'tea', { tenant: 'acme' })
console.log(`acme has ${tea.inStock}`)

await app
  .query(new GetLevel('tea'))
  .catch((error: unknown) => console.log((error as Error).message))
// #endregion application
