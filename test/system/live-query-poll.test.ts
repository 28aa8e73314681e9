import { silentLogger } from '@varve/core'
import { InMemoryEventStore, InMemoryLeaseStore, InMemoryReadModelStore } from '@varve/memory'
import { createApplication } from 'varve'
import { expect, it, vi } from 'vitest'
import { StockItem } from '../docs/tutorial/stock-item.ts'
import { GetLevel, GetLevelHandler, StockLevels } from '../docs/tutorial/stock-levels-2.ts'

const definitions = [StockItem, StockLevels, GetLevelHandler]

function open(pollMs: number) {
  const readModels = new InMemoryReadModelStore()
  const looks = vi.spyOn(readModels, 'checkpoints')
  const application = createApplication({
    definitions,
    eventStore: { eventStore: new InMemoryEventStore() },
    readModels: { readModels, leases: new InMemoryLeaseStore() },
    liveQueries: { pollMs },
    logger: silentLogger,
  })
  return { application, looks }
}

it('live queries of a store that tells no changes look as often as the application says', async () => {
  const { application, looks } = open(1)
  await using app = await application
  await using live = app.subscribe(new GetLevel('tea'))
  await live[Symbol.asyncIterator]().next()
  const before = looks.mock.calls.length
  // Twenty looks of the default take as long as five seconds.
  await vi.waitUntil(() => looks.mock.calls.length >= before + 20, { timeout: 4_000, interval: 5 })
})

it('an interval of live queries that is none is a mistake found before anything starts', async () => {
  await expect(open(0).application).rejects.toThrow(
    'liveQueries has pollMs 0: expected milliseconds above 0.',
  )
})
