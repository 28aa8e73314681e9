import { hostServers } from '@varve/local'
import { MongoClient } from 'mongodb'
import {
  createApplication,
  defineEvent,
  defineProjection,
  defineReadModel,
  type IndexDefinition,
  on,
  silentLogger,
} from 'varve'
import { expect, it, vi } from 'vitest'

const Named = defineEvent<{ name: string }>('thing.named')

const definitionsWith = (indexes: readonly IndexDefinition[]) => {
  const things = defineReadModel<{ _id: string; name: string }>('things', { indexes })
  const named = on(Named, things, ({ name }, _, { aggregateId }) => ({ _id: aggregateId, name }))
  return [defineProjection('things', { into: things, handlers: [named] })]
}

it('makes an index that is declared later at the next start, without a rebuild', async () => {
  const servers = await hostServers()
  const url = new URL(servers.mongoUrl)
  url.pathname = '/indexes'
  const start = async (indexes: readonly IndexDefinition[]) => {
    await using app = await createApplication({
      definitions: definitionsWith(indexes),
      eventStore: servers.eventStoreUrl,
      readModels: url.href,
      logger: silentLogger,
    })
    await vi.waitFor(() => {
      expect(app.projections.status()).toMatchObject([{ state: 'live', generation: { number: 1 } }])
    })
  }
  await start([])
  await start([{ keys: { name: 1 } }])
  const client = await MongoClient.connect(url.href)
  const keys = (await client.db().collection('things__v1_1').indexes()).map(({ key }) => key)
  expect(keys).toContainEqual({ name: 1 })
  await client.close()
  await servers.close()
})
