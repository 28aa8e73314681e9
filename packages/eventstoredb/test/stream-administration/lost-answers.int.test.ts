import type { StreamName } from '@varve/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EventStoreDBEventStore } from '../../src/index.ts'
import { library } from '../support/client.ts'
import { collect, event, events, freshStream, numbers } from '../support/events.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let proxy: FaultProxy
let direct: EventStoreDBEventStore
let store: EventStoreDBEventStore
let stream: StreamName

beforeEach(async () => {
  server = await startServer()
  proxy = await FaultProxy.start(server.port)
  direct = new EventStoreDBEventStore({ ...library, connectionString: server.url })
  store = new EventStoreDBEventStore({ ...library, connectionString: proxy.url, timeoutMs: 500 })
  stream = freshStream()
  await direct.append(stream, events(3), { expected: 'no-stream' })
  // The connections there are go silent later, so there have to be some.
  await store.setStreamSettings(freshStream(), {})
})

afterEach(async () => {
  await Promise.all([store.close(), direct.close()])
  await proxy.close()
  await server.close()
})

describe('where the answer is lost', () => {
  test('a deletion hides nothing that is written after it', async () => {
    proxy.swallowAnswers()
    const deleting = store.deleteStream(stream, { expected: 2n })
    await vi.waitFor(async () => expect(await collect(direct.readStream(stream))).toEqual([]))
    await direct.append(stream, [event(3)], { expected: 'any' })
    await deleting
    expect(numbers(await collect(store.readStream(stream)))).toEqual([3])
  })

  test('a deletion is not repeated over settings that came after it', async () => {
    proxy.swallowAnswers()
    const deleting = store.deleteStream(stream, { expected: 2n })
    await vi.waitFor(async () => expect(await collect(direct.readStream(stream))).toEqual([]))
    await direct.setStreamSettings(stream, { maxCount: 5 })
    await deleting
    expect((await direct.readStreamSettings(stream)).settings).toMatchObject({ maxCount: 5 })
  })

  test('a deletion that another writer came before is refused', async () => {
    proxy.holdAnswers()
    await direct.append(stream, [event(3)], { expected: 2n })
    const deleting = store.deleteStream(stream, { expected: 2n })
    await vi.waitFor(() => expect(proxy.connections).toBeGreaterThan(2), { timeout: 10_000 })
    proxy.letAnswersPass()
    await expect(deleting).rejects.toMatchObject({ code: 'WRONG_EXPECTED_REVISION', actual: 3n })
    expect(numbers(await collect(direct.readStream(stream)))).toEqual([0, 1, 2, 3])
  })

  test('a stream is deleted for good once', async () => {
    proxy.swallowAnswers()
    await store.tombstoneStream(stream)
    await expect(collect(direct.readStream(stream))).rejects.toMatchObject({
      code: 'STREAM_DELETED',
    })
    await expect(store.tombstoneStream(stream)).rejects.toMatchObject({ code: 'STREAM_DELETED' })
  })

  test.each(['any', 'none'] as const)('settings expecting %s are set once', async (expected) => {
    proxy.swallowAnswers()
    // Reads have a connection of their own, so only the setting itself is in doubt.
    const setting = store.setStreamSettings(stream, { maxCount: 1 }, { expected })
    await vi.waitFor(async () => {
      expect((await direct.readStreamSettings(stream)).revision).toBe(0n)
    })
    await direct.setStreamSettings(stream, { maxCount: 2 }, { expected: 0n })
    await setting
    const { settings, revision } = await direct.readStreamSettings(stream)
    expect([settings, revision]).toEqual([{ maxCount: 2 }, 1n])
  })
})
