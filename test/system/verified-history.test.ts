// A dry run over a history in MongoDB, which finds the one version that somebody changed by hand.
import { collectionName } from '@varve/core'
import { hostServers } from '@varve/local'
import { MongoConnection, MongoReadModelStore } from '@varve/mongodb'
import {
  createApplication,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineProjection,
  defineReadModel,
  on,
  silentLogger,
} from 'varve'
import { expect, it } from 'vitest'

const filled = defineEvent<{ amount: number }>('jar.filled')
const fill = defineCommand<{ id: string; amount: number }>('jar.fill', {
  aggregateId: ({ id }) => id,
})
const jar = defineAggregate('jar', {
  initial: () => ({}),
  decide: [decideOn(fill, (_, { amount }) => filled.create({ amount }))],
  evolve: [],
})
const jars = defineReadModel<{ _id: string; sum: number }>('jars', { history: true })
const jarSums = defineProjection('jar-sums', {
  into: jars,
  handlers: [
    on(filled, jars, ({ amount }, found, { aggregateId }) => ({
      _id: aggregateId,
      sum: (found?.sum ?? 0) + amount,
    })),
  ],
})

it('a version that was changed by hand is found, while events arrive', async () => {
  const servers = await hostServers()
  const url = new URL(servers.mongoUrl)
  url.pathname = '/jars'
  const connection = new MongoConnection({ url: url.href })
  const app = await createApplication({
    definitions: [jar, jarSums],
    eventStore: servers.eventStoreUrl,
    readModels: url.href,
    logger: silentLogger,
  })
  for (let amount = 1; amount <= 40; amount += 1)
    await app.execute(fill, { id: `j${amount % 3}`, amount })
  await app.projections.rebuild('jar-sums')
  const filling = (async () => {
    for (let amount = 1; amount <= 40; amount += 1)
      await app.execute(fill, { id: `j${amount % 3}`, amount })
  })()
  const right = await app.projections.rebuild('jar-sums', { verify: true, batch: 7 })
  await filling
  expect(right).toMatchObject({ documents: 3, differing: 0, differences: [], unsettled: 0 })
  const { active } = (await new MongoReadModelStore({ connection }).generations('jar-sums')) ?? {}
  const history = connection.database.collection(`${collectionName(jars, active!)}__history`)
  await history.updateOne({ 'doc.sum': 1 + 4 + 7 }, { $set: { 'doc.sum': 13 } })
  const { versions, differences } = await app.projections.rebuild('jar-sums', { verify: true })
  expect(versions).toBe(80)
  expect(differences).toMatchObject([
    { model: 'jars', id: 'j1', found: { sum: 13 }, expected: { sum: 12 }, paths: ['sum'] },
  ])
  expect(differences[0]?.version?.found).toEqual(differences[0]?.version?.expected)
  await app.close()
  await connection.close()
  await servers.close()
})
