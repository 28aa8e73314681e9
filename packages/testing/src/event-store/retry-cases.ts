import assert from 'node:assert/strict'
import type { EventToAppend } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { type EventStoreSubject, newEvent, newEvents } from './event-store-subject.ts'
import { readStream } from './reading.ts'

const conflict = 'WRONG_EXPECTED_REVISION'

/** The same ids sent again: what makes a retry after an unknown outcome safe. */
export const retryCases: readonly ContractCase<EventStoreSubject>[] = [
  ...(['no-stream', 1n] as const).map((expected): ContractCase<EventStoreSubject> => ({
    name: `records the same ids at the same ${expected === 1n ? 'revision' : '"no-stream"'} once and answers as before`,
    run: async ({ store, stream }) => {
      if (expected === 1n) await store.append(stream, newEvents(2), { expected: 'no-stream' })
      const batch = newEvents(3)
      const first = await store.append(stream, batch, { expected })
      const again = await store.append(stream, batch, { expected })
      assert.deepEqual(again, first)
      assert.equal((await readStream(store, stream)).length, expected === 1n ? 5 : 3)
    },
  })),
  {
    name: 'finds a retry also after later events',
    run: async ({ store, stream }) => {
      const batch = newEvents(2)
      const first = await store.append(stream, batch, { expected: 'no-stream' })
      await store.append(stream, newEvents(3), { expected: 1n })
      const again = await store.append(stream, batch, { expected: 'no-stream' })
      assert.equal(again.revision, first.revision)
      assert.equal((await readStream(store, stream)).length, 5)
    },
  },
  ...(['any', 'stream-exists'] as const).map((expected): ContractCase<EventStoreSubject> => ({
    name: `records the same recent ids at "${expected}" once`,
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      const batch = newEvents(2)
      const first = await store.append(stream, batch, { expected })
      const again = await store.append(stream, batch, { expected })
      assert.equal(again.revision, first.revision)
      assert.equal((await readStream(store, stream)).length, 3)
    },
  })),
  {
    name: 'records a batch once that is sent twice at the same time',
    run: async ({ store, stream }) => {
      const batch = newEvents(2)
      const append = (): Promise<unknown> => store.append(stream, batch, { expected: 'no-stream' })
      const [first, again] = await Promise.all([append(), append()])
      assert.deepEqual(again, first)
      assert.equal((await readStream(store, stream)).length, 2)
    },
  },
  {
    name: 'takes a batch with any other id for another writer',
    run: async ({ store, stream }) => {
      const [first, second] = newEvents(2) as [EventToAppend, EventToAppend]
      await store.append(stream, [first, second], { expected: 'no-stream' })
      const others = [
        [newEvent('other'), second],
        [first, newEvent('other')],
        [first, second, newEvent('other')],
        [second, first],
      ]
      for (const batch of others)
        await rejection(store.append(stream, batch, { expected: 'no-stream' }), conflict)
      assert.equal((await readStream(store, stream)).length, 2)
    },
  },
  {
    name: 'keeps streams apart that got the same ids',
    run: async ({ store, stream, streamNamed }) => {
      const batch = newEvents(2)
      for (const name of [stream, streamNamed('other')]) {
        await store.append(name, batch, { expected: 'no-stream' })
        assert.equal((await readStream(store, name)).length, 2)
      }
    },
  },
]
