import assert from 'node:assert/strict'
import { InvalidAppendError, WrongExpectedRevisionError } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { assertCodes, outcomes, rejection } from '../contract/expectations.ts'
import { type EventStoreSubject, newEvent, newEvents } from './event-store-subject.ts'
import { numbersOf, readStream, upTo } from './reading.ts'

const conflict = 'WRONG_EXPECTED_REVISION'

/** Revisions, batches, races and payloads. */
export const appendCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'numbers the events of a stream from 0 without a gap',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      await store.append(stream, newEvents(3), { expected: 0n })
      await store.append(stream, newEvents(2), { expected: 'any' })
      const events = await readStream(store, stream)
      assert.deepEqual(
        events.map(({ revision }) => revision),
        [0n, 1n, 2n, 3n, 4n, 5n],
      )
    },
  },
  {
    name: 'returns revision and position of the last event written',
    run: async ({ store, stream }) => {
      for (const expected of ['no-stream', 2n] as const) {
        const result = await store.append(stream, newEvents(3), { expected })
        const last = (await readStream(store, stream)).at(-1)
        assert.equal(result.revision, last?.revision)
        assert.equal(result.position, last?.position)
      }
    },
  },
  {
    name: 'gives later events higher positions',
    run: async ({ store, stream, streamNamed }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await store.append(streamNamed('other'), newEvents(2), { expected: 'no-stream' })
      await store.append(stream, newEvents(2), { expected: 1n })
      const main = (await readStream(store, stream)).map(({ position }) => position)
      const other = (await readStream(store, streamNamed('other'))).map(({ position }) => position)
      const inOrder = [...main.slice(0, 2), ...other, ...main.slice(2)]
      assert.deepEqual(
        inOrder,
        inOrder.toSorted((a, b) => (a < b ? -1 : 1)),
      )
      assert.equal(new Set(inOrder).size, 6)
    },
  },
  {
    name: 'keeps the events of a batch together while others write',
    run: async ({ store, stream }) => {
      const writers = upTo(8).map((writer) =>
        store.append(stream, newEvents(25, `writer-${writer}`), { expected: 'any' }),
      )
      await Promise.all(writers)
      const events = await readStream(store, stream)
      assert.equal(events.length, 200)
      for (let first = 0; first < 200; first += 25) {
        const batch = events.slice(first, first + 25)
        assert.equal(new Set(batch.map(({ type }) => type)).size, 1, 'two batches are interleaved')
        assert.deepEqual(numbersOf(batch), upTo(25))
      }
    },
  },
  {
    name: 'refuses no events, an id that is no UUID and an empty type, with one and the same error',
    run: async ({ store, stream }) => {
      const [event] = newEvents(1) as [ReturnType<typeof newEvent>]
      for (const events of [[], [event, { ...event, id: 'one' }], [{ ...event, type: '' }]]) {
        const append = store.append(stream, events, { expected: 'any' })
        const error = await rejection(append, 'INVALID_APPEND')
        assert.ok(error instanceof InvalidAppendError, 'the error is of another class')
      }
      assert.deepEqual(await readStream(store, stream), [])
    },
  },
  {
    name: 'records nothing of a batch that is refused',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await rejection(store.append(stream, newEvents(5), { expected: 0n }), conflict)
      assert.equal((await readStream(store, stream)).length, 2)
    },
  },
  {
    name: 'lets one of many racing writers win',
    run: async ({ store, stream }) => {
      for (const expected of ['no-stream', 0n, 1n] as const) {
        const racers = upTo(10).map((n) =>
          store.append(stream, [newEvent('raced', { n })], { expected }),
        )
        const { values, errors } = await outcomes(racers)
        assert.equal(values.length, 1, `${values.length} of 10 writers won at ${expected}`)
        assertCodes(errors, conflict)
      }
      assert.equal((await readStream(store, stream)).length, 3)
    },
  },
  ...refusedExpectations(),
  {
    name: 'accepts "any" at a missing and at an existing stream, "stream-exists" at an existing one',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(1), { expected: 'any' })
      await store.append(stream, newEvents(1), { expected: 'any' })
      const { revision } = await store.append(stream, newEvents(1), { expected: 'stream-exists' })
      assert.equal(revision, 2n)
    },
  },
  {
    name: 'refuses an append over the limit and records nothing of it',
    run: async ({ store, stream, capabilities }) => {
      const text = 'x'.repeat((capabilities.maxAppendBytes ?? 2 ** 21) + 1)
      const append = store.append(stream, [newEvent('small'), newEvent('large', { text })], {
        expected: 'no-stream',
      })
      if (capabilities.maxAppendBytes === undefined) await append
      else await rejection(append, 'EVENT_TOO_LARGE')
      const expected = capabilities.maxAppendBytes === undefined ? 2 : 0
      assert.equal((await readStream(store, stream)).length, expected)
    },
  },
  {
    name: 'accepts an event of 900 KiB',
    run: async ({ store, stream }) => {
      const text = 'x'.repeat(900 * 1024)
      await store.append(stream, [newEvent('large', { text })], { expected: 'no-stream' })
      const [event] = await readStream(store, stream)
      assert.deepEqual(event?.data, { text })
    },
  },
]

/** Where the stream is at revision 1, or at none. */
function refusedExpectations(): readonly ContractCase<EventStoreSubject>[] {
  const refused = [
    { what: '"no-stream" at an existing stream', length: 2, expected: 'no-stream' },
    { what: '"stream-exists" at a missing stream', length: 0, expected: 'stream-exists' },
    { what: 'a stale revision', length: 2, expected: 0n },
    { what: 'a revision the stream has not reached', length: 2, expected: 7n },
    { what: 'a revision of a missing stream', length: 0, expected: 0n },
  ] as const
  return refused.map(({ what, length, expected }) => ({
    name: `refuses ${what}, naming both revisions`,
    run: async ({ store, stream, capabilities }) => {
      if (length > 0) await store.append(stream, newEvents(length), { expected: 'no-stream' })
      const append = store.append(stream, newEvents(1), { expected })
      const error = await rejection(append, conflict)
      assert.ok(error instanceof WrongExpectedRevisionError)
      const actual = capabilities.tellsActualRevision && length > 0 ? BigInt(length - 1) : undefined
      assert.equal(error.stream, stream)
      assert.equal(error.expected, expected)
      assert.equal(error.actual, actual)
      assert.equal((await readStream(store, stream)).length, length)
    },
  }))
}
