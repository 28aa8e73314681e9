import { randomUUID } from 'node:crypto'
import { categoryOf, streamName } from '@varve/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EventStoreDBEventStore } from '../../src/index.ts'
import { collect, event, events, followUntil, freshStream, numbers } from '../support/events.ts'
import { appendLinks, withClient } from '../support/links.ts'
import { useServer } from '../support/server.ts'

let server: Awaited<ReturnType<typeof useServer>>
let store: EventStoreDBEventStore

beforeAll(async () => {
  server = await useServer()
  store = new EventStoreDBEventStore({ connectionString: server.url })
})

afterAll(async () => {
  await store.close()
  await server.close()
})

test('links to what is there, deleted, deleted for good or missing break no read and no subscription', async () => {
  const [kept, deleted, ended, links] = [0, 1, 2, 3].map(() => freshStream())
  for (const stream of [kept, deleted, ended])
    await store.append(stream!, events(1), { expected: 'no-stream' })
  await store.append(links!, [event(0)], { expected: 'no-stream' })
  await withClient(server.url, (client) =>
    appendLinks(client, links!, [`0@${kept}`, `0@${deleted}`, `0@${ended}`, '7@nowhere']),
  )
  const last = await store.append(links!, [event(1)], { expected: 'any' })
  await store.deleteStream(deleted!)
  await store.tombstoneStream(ended!)

  expect(numbers(await collect(store.readStream(links!)))).toEqual([0, 1])
  const backwards = store.readStream(links!, { direction: 'backwards' })
  expect(numbers(await collect(backwards))).toEqual([1, 0])
  const all = await collect(store.readAll())
  expect(all.filter(({ stream }) => stream === links)).toHaveLength(2)
  for (const options of [{ stream: links! }, { streamPrefixes: [links!] }, {}]) {
    const followed = await followUntil(store.subscribe(options), (_, { position }) => {
      return position !== undefined && position >= last.position
    })
    expect(numbers(followed.filter(({ stream }) => stream === links))).toEqual([0, 1])
  }
})

test('a category is the streams whose names start with it and a dash', async () => {
  const category = `account${randomUUID().slice(0, 8)}`
  const names = [category, `${category}s`, `${category}.snapshot`]
  for (const name of names)
    await store.append(streamName(name, 'a1'), [event(1, name)], { expected: 'no-stream' })
  const last = await store.append(streamName(category, 'a2'), [event(2)], { expected: 'any' })
  const subscription = store.subscribe({ streamPrefixes: [`${category}-`] })
  const found = await followUntil(subscription, (_, { position }) => {
    return position !== undefined && position >= last.position
  })
  expect(found.map(({ stream }) => categoryOf(stream))).toEqual([category, category])
  expect(numbers(found)).toEqual([1, 2])
})
