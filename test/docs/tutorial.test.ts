import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApplication } from 'varve'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ReceiveGoods, ShipGoods, StockItem } from './tutorial/stock-item.ts'
import * as first from './tutorial/stock-levels.ts'
import * as second from './tutorial/stock-levels-2.ts'
import { printedBy, promisedBy } from './printed-output.ts'

describe('a page of the tutorial', () => {
  it.each(['1-first-aggregate', '2-first-projection', '3-rebuild', '4-time-travel'])(
    '%s shows what its example prints',
    async (page) => {
      const promised = promisedBy(`docs/tutorial/${page}.md`)
      expect(promised).not.toEqual([])
      expect(await printedBy(() => import(`./tutorial/${page}.ts`))).toEqual(promised)
    },
  )
})

describe('a projection with a raised version', () => {
  it('is rebuilt from the log at the next start', async () => {
    const data = mkdtempSync(join(tmpdir(), 'varve-tutorial-'))
    onTestFinished(() => rm(data, { recursive: true }))
    {
      await using app = await createApplication({
        definitions: [StockItem, first.StockLevels],
        data,
      })
      await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 10 })
      await app.execute(ShipGoods, { itemId: 'tea', quantity: 4 })
    }
    await using app = await createApplication({
      definitions: [StockItem, second.StockLevels, second.GetLevelHandler],
      data,
    })
    const shipped = await app.execute(ShipGoods, { itemId: 'tea', quantity: 1 })
    expect(await app.query(new second.GetLevel('tea'), { after: shipped })).toEqual({
      _id: 'tea',
      inStock: 5,
      shipments: 2,
    })
  })
})
