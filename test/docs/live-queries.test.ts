import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createApplication } from 'varve'
import { expect, it, onTestFinished } from 'vitest'
import { serveLevels } from './guides/live-levels-server.ts'
import { printedBy, promisedBy } from './printed-output.ts'
import { ReceiveGoods, StockItem } from './tutorial/stock-item.ts'
import { GetLevelHandler, StockLevels } from './tutorial/stock-levels-2.ts'

it('the guide to live queries shows what its example prints', async () => {
  const promised = promisedBy('docs/guides/live-queries.md')
  expect(promised).not.toEqual([])
  expect(await printedBy(() => import('./guides/live-queries.ts'))).toEqual(promised)
})

it('the server of the guide sends each level to who listens, until they leave', async () => {
  await using app = await createApplication({
    definitions: [StockItem, StockLevels, GetLevelHandler],
    eventStore: 'memory:',
    readModels: 'memory:',
  })
  const server = serveLevels(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const leaving = new AbortController()
  const response = await fetch(`http://127.0.0.1:${port}/tea`, { signal: leaving.signal })
  const texts = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader()
  expect((await texts.read()).value).toBe('data: null\n\n')
  await app.execute(ReceiveGoods, { itemId: 'tea', quantity: 3 })
  expect((await texts.read()).value).toBe('data: {"_id":"tea","inStock":3,"shipments":0}\n\n')
  leaving.abort()
  while (app.liveQueries.status().subscribers > 0) await new Promise(setImmediate)
})
