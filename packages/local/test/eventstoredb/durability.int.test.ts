import { type ChildProcess, fork } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  NO_STREAM,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEventStoreDBServer } from '../../src/eventstoredb/eventstoredb-server.ts'
import { LocalStorage } from '../../src/storage/local-storage.ts'
import { counted, countedFrom, startLocalServer, take } from './local-server.ts'

const WRITERS = 20

describe('the data of the local EventStoreDB server', () => {
  let folder: string
  let path: string
  let child: ChildProcess | undefined
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'varve-durability-'))
    path = join(folder, 'data.db')
  })
  afterEach(() => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  const spawnServer = async (): Promise<{ url: string; kill: () => Promise<void> }> => {
    const server = fork(fileURLToPath(new URL('serve-child.mjs', import.meta.url)), [path])
    child = server
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    const url = await new Promise<string>((resolve) => server.once('message', resolve))
    return {
      url,
      kill: async () => {
        server.kill('SIGKILL')
        await exited
      },
    }
  }

  /** Appends with many writers until the server is killed; returns the ids it acknowledged. */
  const appendUntilKilled = async (
    round: number,
    acknowledgements: number,
  ): Promise<Set<string>> => {
    const server = await spawnServer()
    const client = EventStoreDBClient.connectionString(server.url)
    const acknowledged = new Set<string>()
    let killed: Promise<void> | undefined
    const writer = async (index: number): Promise<void> => {
      for (let n = 0; !killed; n += 1) {
        const events = [counted(n), counted(n), counted(n)]
        await client.appendToStream(`kill-${index % 10}`, events)
        for (const { id } of events) acknowledged.add(id)
        if (acknowledged.size >= acknowledgements) killed ??= server.kill()
      }
    }
    const writers = Array.from({ length: WRITERS }, (_, index) => writer(index + round * WRITERS))
    await Promise.allSettled(writers)
    await killed
    await client.dispose()
    return acknowledged
  }

  /** Ids in log order, after checking that every stream is complete and in order. */
  const readConsistentLog = async (file: string): Promise<string[]> => {
    const local = await startLocalServer(file)
    const ids: string[] = []
    const next = new Map<string, bigint>()
    for await (const { event } of local.client.readAll()) {
      if (!event) throw new Error('A link without a target.')
      expect(event.revision).toBe(next.get(event.streamId) ?? 0n)
      next.set(event.streamId, event.revision + 1n)
      ids.push(event.id)
    }
    for (const [stream, count] of next) {
      const events = await take(local.client.readStream(stream), Infinity)
      expect(BigInt(events.length)).toBe(count)
    }
    await local.close()
    return ids
  }

  it('has every acknowledged event exactly once after kill -9 in the middle of appends', async () => {
    const acknowledged = new Set<string>()
    for (const [round, acknowledgements] of [300, 1500, 60].entries()) {
      for (const id of await appendUntilKilled(round, acknowledgements)) acknowledged.add(id)
    }
    const ids = await readConsistentLog(path)
    expect(new Set(ids).size).toBe(ids.length)
    const stored = new Set(ids)
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([])
    expect(acknowledged.size).toBeGreaterThanOrEqual(1860)
  })

  it('opens with whole appends when the end of the file was never written', async () => {
    await appendUntilKilled(0, 600)
    const log = `${path}-wal`
    expect(existsSync(log)).toBe(true)
    for (const lost of [1, 5_000, 40_000]) {
      const torn = join(folder, `torn-${lost}.db`)
      if (existsSync(path)) copyFileSync(path, torn)
      copyFileSync(log, `${torn}-wal`)
      truncateSync(`${torn}-wal`, Math.max(statSync(log).size - lost, 0))
      const ids = await readConsistentLog(torn)
      // Every append had three events.
      expect(ids.length % 3).toBe(0)
    }
  })

  it('knows a retry at an exact revision and the last revision after a restart', async () => {
    const batch = countedFrom(0, 3)
    const before = await startLocalServer(path)
    const first = await before.client.appendToStream('retry-1', batch, {
      expectedRevision: NO_STREAM,
    })
    await before.client.deleteStream('retry-1')
    await before.client.appendToStream('retry-2', counted(0))
    await before.client.tombstoneStream('retry-2')
    await before.close()

    const after = await startLocalServer(path)
    const again = await after.client.appendToStream('retry-1', batch, {
      expectedRevision: NO_STREAM,
    })
    expect(again).toEqual(first)
    await expect(take(after.client.readStream('retry-1'), 1)).rejects.toMatchObject({
      type: 'stream-not-found',
    })
    await expect(after.client.appendToStream('retry-2', counted(1))).rejects.toMatchObject({
      type: 'stream-deleted',
    })
    const { nextExpectedRevision } = await after.client.appendToStream('retry-1', counted(3))
    expect(nextExpectedRevision).toBe(3n)
    const [last] = await take(
      after.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }),
      1,
    )
    expect(last?.event).toMatchObject({ type: '$metadata', data: { $tb: 3 } })
    await after.close()
  })

  it('is neither written nor read any more once the disk has failed', async () => {
    const storage = LocalStorage.open(path)
    const server = await startEventStoreDBServer(storage)
    const client = EventStoreDBClient.connectionString(server.url)
    await client.appendToStream('failed-1', counted(0))
    const live = client.subscribeToStream('failed-1')
    const dropped = new Promise((resolve) => live.on('error', resolve))
    await new Promise((resolve) => live.once('caughtUp', resolve).resume())
    await client.createPersistentSubscriptionToStream(
      'failed-1',
      'group',
      persistentSubscriptionToStreamSettingsFromDefaults(),
    )
    const consumer = client.subscribeToPersistentSubscriptionToStream('failed-1', 'group')
    const consumerDropped = new Promise((resolve) => consumer.on('error', resolve))
    await new Promise((resolve) => consumer.once('confirmation', resolve).resume())
    storage.close()
    await expect(client.appendToStream('failed-1', counted(1))).rejects.toMatchObject({
      type: 'unavailable',
    })
    await expect(take(client.readStream('failed-1'), 1)).rejects.toMatchObject({
      type: 'unavailable',
    })
    expect(await dropped).toMatchObject({ type: 'unavailable' })
    expect(await consumerDropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    await server.close()
    await client.dispose()
  })
})
