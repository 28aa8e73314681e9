import { randomUUID } from 'node:crypto'
import {
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  jsonEvent,
  NO_STREAM,
  START,
  streamNameFilter,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { counted, countedFrom, type LocalServer, startLocalServer, take } from './local-server.ts'

describe('streams of the local EventStoreDB server', () => {
  let local: LocalServer
  let client: EventStoreDBClient
  beforeAll(async () => {
    local = await startLocalServer()
    client = local.client
  })
  afterAll(() => local.close())

  const numbers = async (stream: string, options = {}): Promise<number[]> => {
    const out: number[] = []
    for await (const { event } of client.readStream(stream, options)) {
      out.push((event?.data as { n: number }).n)
    }
    return out
  }

  it('reports version 24.6.0 and takes appends in batches', async () => {
    const { serverVersion } = await (
      client as unknown as { capabilities: Promise<{ serverVersion: string }> }
    ).capabilities
    expect(serverVersion).toBe('24.6.0')
  })

  it('keeps stream names, types, data and metadata of any script', async () => {
    const stream = 'Konto-äöü-帳戶-🙂'
    await client.appendToStream(
      stream,
      jsonEvent({ type: 'Eröffnet', data: { name: 'Zoë' }, metadata: { von: '李' } }),
    )
    const [resolved] = await take(client.readStream(stream), 1)
    expect(resolved?.event).toMatchObject({
      streamId: stream,
      type: 'Eröffnet',
      data: { name: 'Zoë' },
      metadata: { von: '李' },
    })
  })

  it('appends through the classic call when credentials are given', async () => {
    const credentials = { username: 'admin', password: 'changeit' }
    const result = await client.appendToStream('classic-1', countedFrom(0, 3), {
      credentials,
      expectedRevision: NO_STREAM,
    })
    expect(result.nextExpectedRevision).toBe(2n)
    const conflict = client.appendToStream('classic-1', counted(9), {
      credentials,
      expectedRevision: 0n,
    })
    await expect(conflict).rejects.toMatchObject({
      type: 'wrong-expected-version',
      expectedVersion: 0n,
      actualVersion: 2n,
    })
    const large = client.appendToStream(
      'classic-2',
      jsonEvent({ type: 'Large', data: 'x'.repeat(1_100_000) }),
      { credentials },
    )
    await expect(large).rejects.toMatchObject({ type: 'maximum-append-size-exceeded' })
  })

  it('reads events of very different sizes in order, both ways', async () => {
    const sizes = [1, 700_000, 10, 500_000, 300_000, 1, 1]
    for (const [n, size] of sizes.entries()) {
      await client.appendToStream(
        'sizes-1',
        jsonEvent({ type: 'Sized', data: { n, text: 'x'.repeat(size) } }),
      )
    }
    expect(await numbers('sizes-1')).toEqual([0, 1, 2, 3, 4, 5, 6])
    const backwards = { direction: BACKWARDS, fromRevision: END }
    expect(await numbers('sizes-1', backwards)).toEqual([6, 5, 4, 3, 2, 1, 0])
  })

  it('takes an append whose parts come in several messages', async () => {
    const events = countedFrom(0, 300)
    const result = await client.appendToStream('parts-1', events, { batchAppendSize: 2_000 })
    expect(result.nextExpectedRevision).toBe(299n)
    expect(await numbers('parts-1')).toHaveLength(300)
  })

  it('decides conflicting appends of one turn one after the other', async () => {
    const race = Array.from({ length: 50 }, (_, n) =>
      client.appendToStream('race-1', counted(n), { expectedRevision: NO_STREAM }),
    )
    const results = await Promise.allSettled(race)
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    expect(await numbers('race-1')).toHaveLength(1)
  })

  it('hides events older than $maxAge', async () => {
    await client.appendToStream('aged-1', countedFrom(0, 3))
    await client.setStreamMetadata('aged-1', { maxAge: 3600 })
    expect(await numbers('aged-1')).toEqual([0, 1, 2])
    await client.setStreamMetadata('aged-1', { maxAge: 0 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await numbers('aged-1')).toEqual([])
    expect(await numbers('aged-1', { direction: BACKWARDS, fromRevision: END })).toEqual([])
  })

  it('ends the metadata of a stream with the stream', async () => {
    for (const [stream, isKnown] of [
      ['ended-1', true],
      ['ended-2', false],
    ] as const) {
      await client.appendToStream(stream, counted(1))
      await client.setStreamMetadata(stream, { maxCount: 3 })
      if (isKnown) await client.getStreamMetadata(stream)
      await client.tombstoneStream(stream)
      await expect(client.getStreamMetadata(stream)).rejects.toMatchObject({
        type: 'stream-deleted',
      })
      await expect(client.setStreamMetadata(stream, { maxCount: 4 })).rejects.toMatchObject({
        type: 'stream-deleted',
      })
    }
  })

  it('shows a soft-deleted stream again when its metadata is set', async () => {
    await client.appendToStream('revived-1', countedFrom(0, 2))
    await client.deleteStream('revived-1')
    await client.setStreamMetadata('revived-1', { custom: 1 })
    const { metadata } = await client.getStreamMetadata('revived-1')
    expect(metadata).toMatchObject({ custom: 1, truncateBefore: 2 })
    expect(await numbers('revived-1')).toEqual([])
  })

  it('refuses an append to $all', async () => {
    await expect(client.appendToStream('$all', counted(0))).rejects.toMatchObject({
      type: 'access-denied',
    })
  })

  it('reads $all backwards in exactly the reverse order', async () => {
    const forwards = await take(client.readAll(), Infinity)
    const backwards = await take(
      client.readAll({ direction: BACKWARDS, fromPosition: END }),
      Infinity,
    )
    const ids = forwards.map(({ event }) => event?.id)
    expect(ids.length).toBeGreaterThan(300)
    expect(backwards.map(({ event }) => event?.id).reverse()).toEqual(ids)
  })

  it('understands .NET regular expressions with inline flags and anchors', async () => {
    await client.appendToStream('regex-1', [counted(1, 'Other'), counted(2)])
    const filter = eventTypeFilter({ regex: '(?i)\\Aother\\z' })
    const subscription = client.subscribeToAll({ fromPosition: START, filter })
    const [first] = await take(subscription, 1)
    expect(first?.event?.type).toBe('Other')
    await subscription.unsubscribe()
    const broken = client.subscribeToAll({ filter: streamNameFilter({ regex: '(' }) })
    await expect(take(broken, 1)).rejects.toMatchObject({ code: 2 })
  })

  it('answers services it does not have with UNIMPLEMENTED', async () => {
    await expect(client.listProjections()).rejects.toMatchObject({ code: 12 })
  })

  it('is found by gossip', async () => {
    const { port } = local.server
    const gossiping = EventStoreDBClient.connectionString(
      `esdb://127.0.0.1:${port},127.0.0.1:${port}?tls=false`,
    )
    const { success } = await gossiping.appendToStream('gossip-1', counted(0), {
      expectedRevision: ANY,
    })
    expect(success).toBe(true)
    await gossiping.dispose()
  })

  it('stores an event under the id it came with', async () => {
    const id = randomUUID().toUpperCase()
    await client.appendToStream('ids-1', jsonEvent({ id, type: 'Counted', data: { n: 1 } }))
    const [resolved] = await take(client.readStream('ids-1'), 1)
    expect(resolved?.event?.id).toBe(id.toLowerCase())
  })
})
