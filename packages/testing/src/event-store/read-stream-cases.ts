import assert from 'node:assert/strict'
import type { ReadStreamOptions } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { type EventStoreSubject, newEvent, newEvents } from './event-store-subject.ts'
import { numbersOf, readStream, upTo } from './reading.ts'

/** Order, bounds and paging of one stream. */
export const readStreamCases: readonly ContractCase<EventStoreSubject>[] = [
  {
    name: 'yields nothing for a missing stream, in both directions',
    run: async ({ store, stream }) => {
      for (const direction of ['forwards', 'backwards'] as const)
        assert.deepEqual(await readStream(store, stream, { direction }), [])
    },
  },
  {
    name: 'yields a long stream whole and in order, in both directions',
    run: async ({ store, stream }) => {
      for (const first of [0, 500, 1000, 1500, 2000])
        await store.append(stream, newEvents(500, 'numbered', first), { expected: 'any' })
      const forwards = await readStream(store, stream)
      assert.deepEqual(numbersOf(forwards), upTo(2500))
      const backwards = await readStream(store, stream, { direction: 'backwards' })
      assert.deepEqual(numbersOf(backwards), upTo(2500).toReversed())
    },
  },
  ...bounds(),
  {
    name: 'yields nothing of a limit of 0',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      assert.deepEqual(await readStream(store, stream, { limit: 0 }), [])
    },
  },
  {
    name: 'never yields types with a leading "$", and counts their revisions',
    run: async ({ store, stream }) => {
      const batch = [newEvent('first'), newEvent('$hidden'), newEvent('last')]
      await store.append(stream, batch, { expected: 'no-stream' })
      const events = await readStream(store, stream)
      assert.deepEqual(
        events.map(({ type, revision }) => [type, revision]),
        [
          ['first', 0n],
          ['last', 2n],
        ],
      )
    },
  },
  {
    name: 'can be left early again and again',
    run: async ({ store, stream }) => {
      for (const first of [0, 500])
        await store.append(stream, newEvents(500, 'numbered', first), { expected: 'any' })
      for (const _ of upTo(150))
        for await (const [event] of store.readStream(stream)) {
          assert.equal(event?.revision, 0n)
          break
        }
      const { revision } = await store.append(stream, newEvents(1), { expected: 999n })
      assert.equal(revision, 1000n)
    },
  },
]

/** Of a stream with the revisions 0 to 9. */
function bounds(): readonly ContractCase<EventStoreSubject>[] {
  const reads: readonly (readonly [string, ReadStreamOptions, readonly number[]])[] = [
    ['starts at a revision, inclusive', { from: 7n }, [7, 8, 9]],
    ['stops at the limit', { limit: 3 }, [0, 1, 2]],
    ['starts at a revision and stops at the limit', { from: 4n, limit: 2 }, [4, 5]],
    ['yields nothing from past the end', { from: 10n }, []],
    ['yields what there is under a higher limit', { from: 8n, limit: 100 }, [8, 9]],
    ['starts at the last revision backwards', { direction: 'backwards', limit: 2 }, [9, 8]],
    ['starts at a revision backwards, inclusive', { direction: 'backwards', from: 2n }, [2, 1, 0]],
    [
      'starts at a revision backwards and stops at the limit',
      { direction: 'backwards', from: 5n, limit: 2 },
      [5, 4],
    ],
    [
      'starts at the last revision backwards from past the end',
      { direction: 'backwards', from: 99n, limit: 1 },
      [9],
    ],
  ]
  return reads.map(([name, options, expected]) => ({
    name,
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(10), { expected: 'no-stream' })
      assert.deepEqual(numbersOf(await readStream(store, stream, options)), expected)
    },
  }))
}
