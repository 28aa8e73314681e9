import { EventStoreDBClient } from '@eventstore/db-client'
import { type Snapshot, type StreamName, toStreamName } from '@varve/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventStoreDBEventStore, EventStoreDBSnapshotStore } from '../src/index.ts'
import { collect, event, freshStream } from './support/events.ts'
import { useServer } from './support/server.ts'

let server: Awaited<ReturnType<typeof useServer>>
let events: EventStoreDBEventStore
let snapshots: EventStoreDBSnapshotStore

beforeAll(async () => {
  server = await useServer()
  events = new EventStoreDBEventStore({ connectionString: server.url })
  snapshots = new EventStoreDBSnapshotStore(events, { keep: 5 })
})

afterAll(async () => {
  await events.close()
  await server.close()
})

function snapshot(stream: StreamName, revision: bigint, state = `at ${revision}`): Snapshot {
  return { stream, revision, version: 1, state, takenAt: new Date(1_700_000_000_000) }
}

function snapshotsOf(stream: StreamName): StreamName {
  return toStreamName(stream.replace('-', '.snapshot-'))
}

describe('load', () => {
  test('finds nothing where no snapshot was saved', async () => {
    expect(await snapshots.load(freshStream())).toBeUndefined()
  })

  test('returns what was saved', async () => {
    const stream = freshStream()
    const saved = { ...snapshot(stream, 99n), state: { owner: 'Ü', list: [1, null] } }
    await snapshots.save(saved)
    expect(await snapshots.load(stream)).toEqual(saved)
  })

  test('finds the newest at or before a revision', async () => {
    const stream = freshStream()
    for (const revision of [10n, 20n, 30n]) await snapshots.save(snapshot(stream, revision))
    expect((await snapshots.load(stream))?.revision).toBe(30n)
    expect((await snapshots.load(stream, { atOrBefore: 29n }))?.revision).toBe(20n)
    expect((await snapshots.load(stream, { atOrBefore: 20n }))?.revision).toBe(20n)
    expect(await snapshots.load(stream, { atOrBefore: 9n })).toBeUndefined()
  })

  test('finds the newest where snapshots were saved in another order', async () => {
    const stream = freshStream()
    for (const revision of [30n, 10n, 20n, 25n]) await snapshots.save(snapshot(stream, revision))
    expect((await snapshots.load(stream))?.revision).toBe(30n)
    expect((await snapshots.load(stream, { atOrBefore: 24n }))?.revision).toBe(20n)
  })

  test('finds any of many by reading few', async () => {
    const stream = freshStream()
    const many = new EventStoreDBSnapshotStore(events, { keep: 40 })
    for (let n = 1n; n <= 60n; n += 1n) await many.save(snapshot(stream, n * 10n))
    for (const atOrBefore of [215n, 219n, 220n, 404n, 555n, 599n, 600n, 999n])
      expect((await many.load(stream, { atOrBefore }))?.revision).toBe(
        atOrBefore > 600n ? 600n : (atOrBefore / 10n) * 10n,
      )
    expect(await many.load(stream, { atOrBefore: 209n })).toBeUndefined()
  })

  test('skips what it cannot read', async () => {
    const stream = freshStream()
    await snapshots.save(snapshot(stream, 10n))
    const name = snapshotsOf(stream)
    await events.append(name, [event(1, 'varve.snapshot')], { expected: 'any' })
    const client = EventStoreDBClient.connectionString(server.url)
    const broken = { id: crypto.randomUUID(), contentType: 'application/octet-stream' as const }
    const bytes = new TextEncoder().encode('{"revision"')
    await client.appendToStream(name, {
      ...broken,
      type: 'varve.snapshot',
      data: bytes,
      metadata: undefined,
    })
    expect((await snapshots.load(stream))?.revision).toBe(10n)
    await client.dispose()
  })

  test('does not mix up streams whose snapshots share a stream', async () => {
    const id = crypto.randomUUID().replaceAll('-', '')
    const odd = toStreamName(id)
    const twin = toStreamName(`${id}-${id}`)
    await snapshots.save(snapshot(odd, 1n, 'odd'))
    await snapshots.save(snapshot(twin, 2n, 'twin'))
    expect(await snapshots.load(odd)).toMatchObject({ state: 'odd' })
    expect(await snapshots.load(twin)).toMatchObject({ state: 'twin' })
  })
})

describe('save', () => {
  test('stores the same snapshot once', async () => {
    const stream = freshStream()
    await snapshots.save(snapshot(stream, 10n))
    await snapshots.save(snapshot(stream, 10n))
    expect(await collect(events.readStream(snapshotsOf(stream)))).toHaveLength(1)
  })

  test('replaces the state at the same revision', async () => {
    const stream = freshStream()
    await snapshots.save(snapshot(stream, 10n, 'old'))
    await snapshots.save(snapshot(stream, 10n, 'new'))
    expect(await snapshots.load(stream)).toMatchObject({ state: 'new' })
  })

  test('keeps only the newest few', async () => {
    const stream = freshStream()
    for (let revision = 0n; revision < 12n; revision += 1n)
      await snapshots.save(snapshot(stream, revision))
    const kept = await collect(events.readStream(snapshotsOf(stream)))
    expect(kept.map(({ revision }) => revision)).toEqual([7n, 8n, 9n, 10n, 11n])
  })

  test('finds a place for each of many at the same time', async () => {
    const stream = freshStream()
    const revisions = [1n, 2n, 3n, 4n, 5n]
    await Promise.all(revisions.map((revision) => snapshots.save(snapshot(stream, revision))))
    expect((await snapshots.load(stream))?.revision).toBe(5n)
    expect((await snapshots.load(stream, { atOrBefore: 3n }))?.revision).toBe(3n)
  })

  test('names what JSON cannot carry', async () => {
    const stream = freshStream()
    const bad = { ...snapshot(stream, 1n), state: { total: 1n } as unknown as string }
    await expect(snapshots.save(bad)).rejects.toThrow(/"state.total" is a bigint/)
  })
})

describe('clear', () => {
  test('forgets all snapshots and keeps those saved later', async () => {
    const stream = freshStream()
    for (const revision of [10n, 20n]) await snapshots.save(snapshot(stream, revision))
    await snapshots.clear(stream)
    expect(await snapshots.load(stream)).toBeUndefined()
    await snapshots.save(snapshot(stream, 15n))
    expect((await snapshots.load(stream))?.revision).toBe(15n)
  })

  test('does nothing where there is none', async () => {
    const stream = freshStream()
    await snapshots.clear(stream)
    expect(await snapshots.load(stream)).toBeUndefined()
  })
})
