import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EventStoreDBConsumerGroupStore, EventStoreDBEventStore } from '../../src/index.ts'
import { events, freshStream } from '../support/events.ts'
import { appendLinks, withClient } from '../support/links.ts'
import { useServer } from '../support/server.ts'

let server: Awaited<ReturnType<typeof useServer>>
let log: EventStoreDBEventStore
let groups: EventStoreDBConsumerGroupStore

beforeAll(async () => {
  server = await useServer()
  log = new EventStoreDBEventStore({ connectionString: server.url })
  groups = new EventStoreDBConsumerGroupStore({ connectionString: server.url })
})

afterAll(async () => {
  await Promise.all([groups.close(), log.close()])
  await server.close()
})

test('links are followed, and one whose event is gone is passed over', async () => {
  const gone = freshStream()
  const stream = freshStream()
  await log.append(stream, events(2), { expected: 'no-stream' })
  await log.append(gone, events(1), { expected: 'no-stream' })
  const links = freshStream('links')
  await withClient(server.url, async (client) => {
    await appendLinks(client, links, [`0@${gone}`, `0@${stream}`, `7@${stream}`, `1@${stream}`])
    await client.deleteStream(gone)
  })
  await groups.ensure({ name: 'linked', stream: links }, { startFrom: 'start' })
  const consumer = groups.consume({ name: 'linked', stream: links })
  const found: [string, bigint][] = []
  for await (const delivery of consumer) {
    found.push([delivery.event.stream, delivery.event.revision])
    await delivery.ack()
    if (found.length === 2) break
  }
  expect(found).toEqual([
    [stream, 0n],
    [stream, 1n],
  ])
  await vi.waitFor(async () => {
    expect(await groups.describe({ name: 'linked', stream: links })).toMatchObject({
      inFlight: 0,
      retrying: 0,
      parked: 0,
    })
  })
})

test('a parked event whose stream is gone is still told', async () => {
  const stream = freshStream()
  const group = { name: 'poisoned', stream }
  await groups.ensure(group)
  await log.append(stream, events(1), { expected: 'no-stream' })
  for await (const delivery of groups.consume(group)) {
    await delivery.nack('park', 'no good')
    break
  }
  await vi.waitFor(async () => expect((await groups.describe(group))?.parked).toBe(1))
  await withClient(server.url, (client) => client.deleteStream(stream))
  for await (const [parked] of groups.parked(group)) {
    expect(parked?.event).toBeUndefined()
    expect(parked?.reason).toMatch(/no good/)
  }
})
