import assert from 'node:assert/strict'
import type { HandledEventStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import type { HandledEventSubject } from './event-handler-subjects.ts'

const longMs = 600_000

const handled: readonly ContractCase<HandledEventSubject>[] = [
  {
    name: 'returns those of the ids that are remembered',
    run: async ({ store, consumer }) => {
      await store.remember(consumer, 'e1', longMs)
      await store.remember(consumer, 'e2', longMs)
      assert.deepEqual(await store.handled(consumer, ['e0', 'e2', 'e3']), new Set(['e2']))
    },
  },
  {
    name: 'returns none where none are asked for',
    run: async ({ store, consumer }) => {
      await store.remember(consumer, 'e1', longMs)
      assert.deepEqual(await store.handled(consumer, []), new Set())
    },
  },
  {
    name: 'returns no id whose window is over',
    run: async ({ store, consumer, windowMs, elapse }) => {
      await store.remember(consumer, 'short', windowMs)
      await store.remember(consumer, 'long', longMs)
      assert.deepEqual(await store.handled(consumer, ['short']), new Set(['short']))
      await elapse(windowMs + 1)
      assert.deepEqual(await store.handled(consumer, ['short', 'long']), new Set(['long']))
    },
  },
  {
    name: 'answers for a thousand ids at once',
    run: async ({ store, consumer }) => {
      const ids = Array.from({ length: 1_000 }, (_, index) => `e${index}`)
      await store.remember(consumer, 'e999', longMs)
      assert.deepEqual(await store.handled(consumer, ids), new Set(['e999']))
    },
  },
]

const remember: readonly ContractCase<HandledEventSubject>[] = [
  {
    name: 'keeps consumers apart',
    run: async ({ store, consumer }) => {
      await store.remember(consumer, 'e1', longMs)
      assert.deepEqual(await store.handled(`${consumer}-other`, ['e1']), new Set())
    },
  },
  {
    name: 'keeps names and ids apart that read the same when joined',
    run: async ({ store, consumer }) => {
      await store.remember(`${consumer}:a`, 'b', longMs)
      for (const joint of [':', '/', '.', '-', '#', ' '])
        assert.deepEqual(await store.handled(consumer, [`a${joint}b`]), new Set())
      assert.deepEqual(await store.handled(consumer, ['a:b']), new Set())
    },
  },
  {
    name: 'remembers an id for another window when it is remembered again',
    run: async ({ store, consumer, windowMs, elapse }) => {
      await store.remember(consumer, 'e1', windowMs)
      await store.remember(consumer, 'e1', longMs)
      await elapse(windowMs + 1)
      assert.deepEqual(await store.handled(consumer, ['e1']), new Set(['e1']))
    },
  },
  {
    name: 'may be called for one id by many at once',
    run: async ({ store, consumer }) => {
      const calls = Array.from({ length: 10 }, () => store.remember(consumer, 'e1', longMs))
      await Promise.all(calls)
      assert.deepEqual(await store.handled(consumer, ['e1']), new Set(['e1']))
    },
  },
  {
    name: 'takes any text as an id',
    run: async ({ store, consumer }) => {
      const ids = ['$where', 'a.b', 'ключ', '', ' ', '{"a":1}']
      for (const id of ids) await store.remember(consumer, id, longMs)
      assert.deepEqual(await store.handled(consumer, ids), new Set(ids))
    },
  },
  {
    name: 'takes a window without end',
    run: async ({ store, consumer, windowMs, elapse }) => {
      await store.remember(consumer, 'e1', Infinity)
      await elapse(windowMs + 1)
      assert.deepEqual(await store.handled(consumer, ['e1']), new Set(['e1']))
    },
  },
]

/** What every {@link HandledEventStore} promises. */
export const handledEventStoreContract = { handled, remember } satisfies ContractSuite<
  HandledEventStore,
  HandledEventSubject
>
