import { hostServers } from '@varve/local'
import { MongoConnection } from '@varve/mongodb'
import { defineReadModel } from 'varve'
import { expect, it } from 'vitest'
import { openReadModels } from './guides/stable-views.ts'
import { printedBy, promisedBy } from './printed-output.ts'

it('the guide to rebuilds shows what its example prints', async () => {
  const promised = promisedBy('docs/guides/rebuild.md')
  expect(promised).not.toEqual([])
  expect(await printedBy(() => import('./guides/rebuild.ts'))).toEqual(promised)
})

it('the views of the guide have the documents under the stable name', async () => {
  const server = await hostServers()
  const url = new URL(server.mongoUrl)
  url.pathname = '/views'
  const connection = new MongoConnection({ url: url.href })
  const { readModels } = openReadModels(connection)
  const active = { projection: 'shelves', version: 1, number: 1 }
  await readModels.create(active, [defineReadModel('shelves')])
  const roles = { active, previous: undefined, building: undefined }
  await readModels.saveGenerations({ projection: 'shelves', ...roles, revision: 1 }, 0)
  const [view] = await connection.database.listCollections({ name: 'shelves' }).toArray()
  expect(view).toMatchObject({ type: 'view', options: { viewOn: 'shelves__v1_1' } })
  await connection.close()
  await server.close()
})

it('the rebuild from snapshots of the guide reads what the snapshots do not have', async () => {
  expect(await printedBy(() => import('./guides/snapshot-rebuild.ts'))).toEqual([
    '2 documents from snapshots, 42 events beside them',
    '0 of 2 differ from what the events say',
  ])
})
