// #region loop
import { createApplication } from 'varve'
import { ReceiveGoods, ShipGoods, StockItem } from '../tutorial/stock-item.ts'
import { GetLevel, GetLevelHandler, StockLevels } from '../tutorial/stock-levels-2.ts'

await using app = await createApplication({
  definitions: [StockItem, StockLevels, GetLevelHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
})

const received = await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })

for await (const level of app.subscribe(new GetLevel('tea'), { after: received })) {
  console.log(`${level?.inStock} in stock`)
  if (level?.inStock === 0) break
  await app.execute(ShipGoods, { itemId: 'tea', quantity: 5 })
}
// #endregion loop

// #region status
const { state, subscribers, runs, results } = app.liveQueries.status()
console.log(`${state}: ${subscribers} subscribers, ${results} results of ${runs} runs`)
// #endregion status
