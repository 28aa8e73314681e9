import assert from 'node:assert/strict'
import {
  type ExpectedForDeletion,
  type ExpectedRevision,
  WrongExpectedRevisionError,
} from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { newEvent, newEvents } from '../event-store/event-store-subject.ts'
import { numbersOf, readStream } from '../event-store/reading.ts'
import { probing, SubscriptionProbe } from '../event-store/subscription-probe.ts'
import type { StreamAdministrationSubject } from './stream-administration-subject.ts'

type Cases = readonly ContractCase<StreamAdministrationSubject>[]

const conflict = 'WRONG_EXPECTED_REVISION'

/** Deletions a stream can come back from. */
export const deleteCases: Cases = [
  {
    name: 'hides all events of a stream, and only of this one',
    run: async ({ store, stream, streamNamed }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.append(streamNamed('other'), newEvents(3), { expected: 'no-stream' })
      await store.deleteStream(stream)
      assert.deepEqual(await readStream(store, stream), [])
      assert.deepEqual(await readStream(store, stream, { direction: 'backwards' }), [])
      assert.equal((await readStream(store, streamNamed('other'))).length, 3)
    },
  },
  {
    name: 'takes nothing out of the log',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      const from = (await readStream(store, stream))[0]?.position ?? -1n
      await store.deleteStream(stream)
      let found = 0
      for await (const batch of store.readAll({ from }))
        found += batch.filter((event) => event.stream === stream).length
      assert.equal(found, 3)
    },
  },
  ...(['any', 'no-stream', 2n] as const).map(
    (expected): ContractCase<StreamAdministrationSubject> => ({
      name: `lets the revisions go on with an append that expects ${describeExpected(expected)}`,
      run: async ({ store, stream }) => {
        await store.append(stream, newEvents(3), { expected: 'no-stream' })
        await store.deleteStream(stream)
        const { revision } = await store.append(stream, newEvents(2, 'numbered', 3), { expected })
        assert.equal(revision, 4n)
        assert.deepEqual(numbersOf(await readStream(store, stream)), [3, 4])
        await store.append(stream, newEvents(1, 'numbered', 5), { expected: 4n })
        assert.deepEqual(numbersOf(await readStream(store, stream)), [3, 4, 5])
      },
    }),
  ),
  {
    name: 'leaves a stream that does not exist for an append that expects one',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.deleteStream(stream)
      const append = store.append(stream, newEvents(1), { expected: 'stream-exists' })
      await rejection(append, conflict)
      await rejection(store.append(stream, newEvents(1), { expected: 0n }), conflict)
      assert.deepEqual(await readStream(store, stream), [])
    },
  },
  {
    name: 'accepts the revision the stream is at, and that it exists',
    run: async ({ store, stream, streamNamed }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.deleteStream(stream, { expected: 2n })
      assert.deepEqual(await readStream(store, stream), [])
      const other = streamNamed('other')
      await store.append(other, newEvents(3), { expected: 'no-stream' })
      await store.deleteStream(other, { expected: 'stream-exists' })
      assert.deepEqual(await readStream(store, other), [])
    },
  },
  {
    name: 'refuses a stream that is not where it was expected, and hides nothing',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      for (const expected of [1n, 7n]) {
        const error = await rejection(store.deleteStream(stream, { expected }), conflict)
        assert.ok(error instanceof WrongExpectedRevisionError)
        assert.equal(error.stream, stream)
        assert.equal(error.expected, expected)
        assert.equal(error.actual, 2n)
      }
      assert.equal((await readStream(store, stream)).length, 3)
    },
  },
  {
    name: 'does nothing to a stream that does not exist, unless it is expected to',
    run: async ({ store, stream }) => {
      await store.deleteStream(stream)
      for (const expected of ['stream-exists', 0n] as ExpectedForDeletion[]) {
        const error = await rejection(store.deleteStream(stream, { expected }), conflict)
        assert.ok(error instanceof WrongExpectedRevisionError)
        assert.equal(error.actual, undefined)
      }
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      assert.equal((await readStream(store, stream)).length, 1)
    },
  },
  {
    name: 'may be called again, and again once the stream is back',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await store.deleteStream(stream)
      await store.deleteStream(stream)
      await store.append(stream, newEvents(1, 'numbered', 2), { expected: 'any' })
      await store.deleteStream(stream, { expected: 2n })
      const { revision } = await store.append(stream, newEvents(1), { expected: 'no-stream' })
      assert.equal(revision, 3n)
      assert.equal((await readStream(store, stream)).length, 1)
    },
  },
  {
    name: 'is told by the settings until the stream is back, and forgets the others',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await store.setStreamSettings(stream, { maxCount: 10, custom: { a: 1 } })
      await store.deleteStream(stream)
      const deleted = await store.readStreamSettings(stream)
      assert.deepEqual([deleted.isDeleted, deleted.settings], [true, {}])
      await store.append(stream, newEvents(1), { expected: 'any' })
      const back = await store.readStreamSettings(stream)
      assert.deepEqual([back.isDeleted, back.settings], [false, { truncateBefore: 2n }])
    },
  },
  {
    name: 'keeps hidden what it hid, whatever settings come later',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      await store.deleteStream(stream)
      await store.setStreamSettings(stream, { maxCount: 10 })
      assert.deepEqual(await readStream(store, stream), [])
      const { settings, isDeleted } = await store.readStreamSettings(stream)
      assert.deepEqual([isDeleted, settings], [false, { maxCount: 10, truncateBefore: 3n }])
      await store.append(stream, newEvents(1, 'numbered', 3), { expected: 2n })
      assert.deepEqual(numbersOf(await readStream(store, stream)), [3])
    },
  },
  {
    name: 'leaves a subscription to the stream running',
    run: async ({ store, stream, patienceMs }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await probing(store.subscribe({ stream }), patienceMs, async (probe) => {
        await probe.received(2)
        await store.deleteStream(stream)
        await store.append(stream, newEvents(1, 'numbered', 2), { expected: 'any' })
        await probe.received(3)
        assert.deepEqual(numbersOf(probe.events), [0, 1, 2])
      })
    },
  },
  {
    name: 'refuses a stream that was deleted for good',
    run: async ({ store, stream }) => {
      await store.tombstoneStream(stream)
      await rejection(store.deleteStream(stream), 'STREAM_DELETED')
    },
  },
]

/** Deletions for good. */
export const tombstoneCases: Cases = [
  {
    name: 'ends a stream for reads, appends and subscriptions',
    run: async ({ store, stream, patienceMs }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await store.tombstoneStream(stream)
      await rejection(readStream(store, stream), 'STREAM_DELETED')
      for (const expected of ['any', 'no-stream', 'stream-exists', 1n] as ExpectedRevision[])
        await rejection(store.append(stream, [newEvent('late')], { expected }), 'STREAM_DELETED')
      const probe = new SubscriptionProbe(store.subscribe({ stream }), patienceMs)
      await rejection(probe.ended(), 'STREAM_DELETED')
    },
  },
  {
    name: 'ends a subscription that is running',
    run: async ({ store, stream, patienceMs }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      const probe = new SubscriptionProbe(store.subscribe({ stream }), patienceMs)
      await probe.caughtUp()
      await store.tombstoneStream(stream)
      await rejection(probe.ended(), 'STREAM_DELETED')
      assert.deepEqual(numbersOf(probe.events), [0, 1])
    },
  },
  {
    name: 'leaves the other streams, and what the log has of this one',
    run: async ({ store, stream, streamNamed }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      const from = (await readStream(store, stream))[0]?.position ?? -1n
      await store.append(streamNamed('other'), newEvents(1), { expected: 'no-stream' })
      await store.tombstoneStream(stream)
      let found = 0
      for await (const batch of store.readAll({ from }))
        found += batch.filter((event) => event.stream === stream).length
      assert.equal(found, 2)
      assert.equal((await readStream(store, streamNamed('other'))).length, 1)
    },
  },
  {
    name: 'ends a stream that never existed, and one that was deleted before',
    run: async ({ store, stream, streamNamed }) => {
      await store.tombstoneStream(stream)
      await rejection(store.append(stream, newEvents(1), { expected: 'any' }), 'STREAM_DELETED')
      const other = streamNamed('other')
      await store.append(other, newEvents(1), { expected: 'no-stream' })
      await store.deleteStream(other)
      await store.tombstoneStream(other)
      await rejection(readStream(store, other), 'STREAM_DELETED')
    },
  },
  {
    name: 'accepts the revision the stream is at, and that it exists',
    run: async ({ store, stream, streamNamed }) => {
      const expectations = [
        [stream, 1n],
        [streamNamed('other'), 'stream-exists'],
      ] as const
      for (const [name, expected] of expectations) {
        await store.append(name, newEvents(2), { expected: 'no-stream' })
        await store.tombstoneStream(name, { expected })
        await rejection(readStream(store, name), 'STREAM_DELETED')
      }
    },
  },
  {
    name: 'refuses a stream that is not where it was expected, which lives on',
    run: async ({ store, stream, streamNamed }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      const error = await rejection(store.tombstoneStream(stream, { expected: 0n }), conflict)
      assert.ok(error instanceof WrongExpectedRevisionError)
      assert.equal(error.actual, 1n)
      const missing = streamNamed('missing')
      for (const expected of ['stream-exists', 0n] as ExpectedForDeletion[])
        await rejection(store.tombstoneStream(missing, { expected }), conflict)
      await store.append(stream, newEvents(1, 'numbered', 2), { expected: 1n })
      assert.equal((await readStream(store, stream)).length, 3)
    },
  },
  {
    name: 'refuses a stream that was deleted for good before',
    run: async ({ store, stream }) => {
      await store.tombstoneStream(stream)
      await rejection(store.tombstoneStream(stream), 'STREAM_DELETED')
    },
  },
]

function describeExpected(expected: ExpectedRevision): string {
  return typeof expected === 'bigint' ? 'its last revision' : `"${expected}"`
}
