import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DISPATCH_TO_SINGLE,
  END,
  type EventStoreDBClient,
  eventTypeFilter,
  type PersistentSubscriptionToStream,
  type PersistentSubscriptionToStreamResolvedEvent,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  PINNED,
  START,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { counted, countedFrom, type LocalServer, startLocalServer, until } from './local-server.ts'

type Resolved = PersistentSubscriptionToStreamResolvedEvent

const settings = (changes = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes })

describe('persistent subscriptions of the local EventStoreDB server', () => {
  let local: LocalServer
  let client: EventStoreDBClient
  beforeAll(async () => {
    local = await startLocalServer()
    client = local.client
  })
  afterAll(() => local.close())

  const revision = ({ link, event }: Resolved): number => Number((link ?? event)?.revision)
  const join = (stream: string, group: string, bufferSize = 10) =>
    client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize })
  const consume = (
    subscription: PersistentSubscriptionToStream,
    handle: (resolved: Resolved) => Promise<void>,
  ): Resolved[] => {
    const seen: Resolved[] = []
    subscription.on('data', (resolved: Resolved) => {
      seen.push(resolved)
      void handle(resolved)
    })
    return seen
  }
  const create = async (stream: string, count: number, changes = {}): Promise<void> => {
    await client.appendToStream(stream, countedFrom(0, count))
    await client.createPersistentSubscriptionToStream(stream, 'group', settings(changes))
  }

  it('tries a message again that nobody answers in time', async () => {
    await create('timeout-1', 1, { messageTimeout: 60 })
    const subscription = join('timeout-1', 'group')
    const seen = consume(subscription, async (resolved) => {
      if (resolved.retryCount === 2) await subscription.ack(resolved)
    })
    await until(() => seen.length === 3)
    expect(seen.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2])
    await subscription.unsubscribe()
  })

  it('parks a message after the last retry, and replays it on demand', async () => {
    await create('park-1', 2, { maxRetryCount: 2 })
    const subscription = join('park-1', 'group', 1)
    let isHealthy = false
    const seen = consume(subscription, (resolved) =>
      isHealthy || revision(resolved) === 1
        ? subscription.ack(resolved)
        : subscription.nack('retry', 'broken', resolved),
    )
    await until(() => seen.length === 4)
    expect(seen.map((resolved) => [revision(resolved), resolved.retryCount])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
    ])
    const parkedCount = async () =>
      (await client.getPersistentSubscriptionToStreamInfo('park-1', 'group')).stats
        .parkedMessageCount
    await until(async () => (await parkedCount()) === 1n)
    isHealthy = true
    await client.replayParkedMessagesToStream('park-1', 'group')
    await until(() => seen.length === 5)
    expect(seen[4]?.event?.revision).toBe(0n)
    expect(await parkedCount()).toBe(0n)
    await subscription.unsubscribe()
  })

  it('replays only the parked messages before the limit', async () => {
    await create('limit-1', 3)
    const subscription = join('limit-1', 'group')
    const seen = consume(subscription, (resolved) =>
      seen.length <= 3 ? subscription.nack('park', 'no', resolved) : subscription.ack(resolved),
    )
    const info = () => client.getPersistentSubscriptionToStreamInfo('limit-1', 'group')
    await until(async () => (await info()).stats.parkedMessageCount === 3n)
    await client.replayParkedMessagesToStream('limit-1', 'group', { stopAt: 2 })
    await until(() => seen.length === 5)
    expect(seen.slice(3).map(({ event }) => event?.revision)).toEqual([0n, 1n])
    expect((await info()).stats.parkedMessageCount).toBe(1n)
    await subscription.unsubscribe()
  })

  it('gives what a leaving consumer had not answered to another', async () => {
    await create('leave-1', 3)
    const first = join('leave-1', 'group')
    const dropped = consume(first, async () => undefined)
    await until(() => dropped.length === 3)
    const second = join('leave-1', 'group')
    const taken = consume(second, (resolved) => second.ack(resolved))
    await first.unsubscribe()
    await until(() => taken.length === 3)
    expect(taken.map((resolved) => [revision(resolved), resolved.retryCount])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ])
    await second.unsubscribe()
  })

  it('sends no more unanswered messages than the buffer size', async () => {
    await create('buffer-1', 20)
    const subscription = join('buffer-1', 'group', 4)
    const seen = consume(subscription, async () => undefined)
    await until(() => seen.length === 4)
    const { stats, connections } = await client.getPersistentSubscriptionToStreamInfo(
      'buffer-1',
      'group',
    )
    expect(stats.totalInFlightMessages).toBe(4)
    expect(connections[0]).toMatchObject({ availableSlots: 0, inFlightMessages: 4 })
    expect(seen).toHaveLength(4)
    await subscription.unsubscribe()
  })

  it('sends everything to one consumer while it has room, when told to dispatch to single', async () => {
    await create('single-1', 8, { consumerStrategyName: DISPATCH_TO_SINGLE })
    const both = [join('single-1', 'group', 100), join('single-1', 'group', 100)]
    const seen = both.map((subscription) =>
      consume(subscription, (event) => subscription.ack(event)),
    )
    await until(() => seen.flat().length === 8)
    expect(seen.filter((events) => events.length === 8)).toHaveLength(1)
    await Promise.all(both.map((subscription) => subscription.unsubscribe()))
  })

  it('keeps the events of a stream at one consumer, when told to pin', async () => {
    const streams = Array.from({ length: 20 }, (_, n) => `pinned-${n}`)
    await client.createPersistentSubscriptionToAll(
      'pinned',
      persistentSubscriptionToAllSettingsFromDefaults({
        startFrom: END,
        consumerStrategyName: PINNED,
      }),
      { filter: eventTypeFilter({ prefixes: ['Counted'] }) },
    )
    const owners = new Map<string, Set<number>>()
    let seen = 0
    const consumers = [0, 1, 2].map((owner) => {
      const subscription = client.subscribeToPersistentSubscriptionToAll('pinned')
      subscription.on('data', (resolved) => {
        const stream = resolved.event?.streamId ?? ''
        owners.set(stream, (owners.get(stream) ?? new Set()).add(owner))
        seen += 1
        void subscription.ack(resolved)
      })
      return subscription
    })
    await until(async () => {
      const { connections } = await client.getPersistentSubscriptionToAllInfo('pinned')
      return connections.length === 3
    })
    for (const stream of streams) await client.appendToStream(stream, countedFrom(0, 10))
    await until(() => seen === 200)
    expect([...owners.values()].every((set) => set.size === 1)).toBe(true)
    expect(new Set([...owners.values()].flatMap((set) => [...set])).size).toBeGreaterThan(1)
    await Promise.all(consumers.map((subscription) => subscription.unsubscribe()))
  })

  it('passes only what the filter passes, on $all', async () => {
    await client.createPersistentSubscriptionToAll(
      'filtered',
      persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START }),
      { filter: eventTypeFilter({ prefixes: ['Other'] }) },
    )
    await client.appendToStream('mixed-1', [counted(1), counted(2, 'Other'), counted(3)])
    const subscription = client.subscribeToPersistentSubscriptionToAll('filtered')
    const types: string[] = []
    subscription.on('data', (resolved) => {
      types.push(resolved.event?.type ?? '')
      void subscription.ack(resolved)
    })
    await client.appendToStream('mixed-1', [counted(4), counted(5, 'Other')])
    await until(() => types.length === 2)
    expect(types).toEqual(['Other', 'Other'])
    await subscription.unsubscribe()
  })

  it('refuses one consumer more than the most', async () => {
    await create('most-1', 1, { maxSubscriberCount: 1 })
    const first = join('most-1', 'group')
    const seen = consume(first, (resolved) => first.ack(resolved))
    await until(() => seen.length === 1)
    const second = join('most-1', 'group')
    const error = await new Promise((resolve) => second.on('error', resolve))
    expect(error).toMatchObject({ type: 'maximum-subscribers-reached', groupName: 'group' })
    await first.unsubscribe()
  })

  it('drops consumers when the group is deleted', async () => {
    await create('deleted-1', 1)
    const subscription = join('deleted-1', 'group')
    const dropped = new Promise((resolve) => subscription.on('error', resolve))
    await new Promise((resolve) => subscription.once('data', resolve))
    await client.deletePersistentSubscriptionToStream('deleted-1', 'group')
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
  })

  it('shows the settings it was created with, changes them and lists groups', async () => {
    await create('info-1', 2, { historyBufferSize: 77, readBatchSize: 7, messageTimeout: 1234 })
    const info = () => client.getPersistentSubscriptionToStreamInfo('info-1', 'group')
    expect((await info()).settings).toEqual(
      settings({ historyBufferSize: 77, readBatchSize: 7, messageTimeout: 1234 }),
    )
    await client.updatePersistentSubscriptionToStream(
      'info-1',
      'group',
      settings({ startFrom: 1n }),
    )
    expect((await info()).settings.startFrom).toBe(1n)
    expect(await client.listPersistentSubscriptionsToStream('info-1')).toHaveLength(1)
    const all = await client.listAllPersistentSubscriptions()
    expect(all.map(({ eventSource }) => eventSource)).toContain('info-1')
    await expect(client.listPersistentSubscriptionsToStream('none-1')).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
    })
  })
})

describe('persistent subscriptions after a restart of the local EventStoreDB server', () => {
  it('go on behind the checkpoint, with what was not answered and what was parked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-groups-'))
    const path = join(folder, 'data.db')
    const before = await startLocalServer(path)
    await before.client.appendToStream('restart-1', countedFrom(0, 10))
    await before.client.createPersistentSubscriptionToStream(
      'restart-1',
      'group',
      settings({ checkPointLowerBound: 1, checkPointUpperBound: 1 }),
    )
    const first = before.client.subscribeToPersistentSubscriptionToStream('restart-1', 'group')
    first.on('data', (resolved: Resolved) => {
      const n = Number(resolved.event?.revision)
      if (n < 4) void first.ack(resolved)
      else if (n === 4) void first.nack('park', 'no', resolved)
    })
    first.on('error', () => undefined)
    const statsOf = async ({ client }: LocalServer) =>
      (await client.getPersistentSubscriptionToStreamInfo('restart-1', 'group')).stats
    await until(async () => (await statsOf(before)).lastCheckpointedEventRevision === 4n)
    await before.close()

    const after = await startLocalServer(path)
    expect((await statsOf(after)).parkedMessageCount).toBe(1n)
    const seen: number[] = []
    const second = after.client.subscribeToPersistentSubscriptionToStream('restart-1', 'group')
    second.on('data', (resolved: Resolved) => {
      seen.push(Number(resolved.event?.revision))
      void second.ack(resolved)
    })
    await until(() => seen.length === 5)
    expect(seen).toEqual([5, 6, 7, 8, 9])
    await second.unsubscribe()
    await after.close()
    rmSync(folder, { recursive: true })
  })
})
