import assert from 'node:assert/strict'
import type { ContractCase } from '../contract/contract-case.ts'
import {
  deletionOf,
  type ReadModelStoreSubject,
  type Sample,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

const everyKind: Sample = {
  _id: 'every-kind-ü',
  text: 'Grüße 👩‍🚀 "quoted" \\ \n \u0000',
  date: new Date('2024-02-29T23:59:59.999Z'),
  numbers: [0, -1, 1.5, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 1e300],
  bigint: 2n ** 60n + 1n,
  small: 7n,
  nothing: null,
  flags: [true, false],
  empty: { object: {}, array: [], string: '' },
  nested: [[{ deep: [1, [2n, [new Date(0)]]] }]],
}

/** Reading documents to fold on. */
export const loadCases: readonly Case[] = [
  {
    name: 'returns every kind of value as it was committed',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, everyKind, 1n)])
      const loaded = await store.load(generation, model, [everyKind._id])
      assert.deepEqual(loaded.get(everyKind._id), { document: everyKind, position: 1n, events: 1 })
    },
  },
  {
    name: 'returns how many events a document has, as it was told',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([{ ...writeOf(model, { _id: 'a' }, 1n), events: 3 }])
      await runner.commit([{ ...writeOf(model, { _id: 'a' }, 2n, 1n), events: 7 }])
      assert.equal((await store.load(generation, model, ['a'])).get('a')?.events, 7)
    },
  },
  {
    name: 'leaves out members that are undefined',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a', gone: undefined, in: {} }, 1n)])
      const loaded = await store.load(generation, model, ['a'])
      assert.deepEqual(loaded.get('a')?.document, { _id: 'a', in: {} })
    },
  },
  {
    name: 'returns those of many ids that exist, each with its own position',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const ids = Array.from({ length: 300 }, (_, n) => `d${n}`)
      await runner.commit(ids.map((_id, n) => writeOf(model, { _id, n }, BigInt(n))))
      const loaded = await store.load(generation, model, [...ids, 'missing', 'd', ''])
      assert.equal(loaded.size, 300)
      for (const n of [0, 7, 299])
        assert.deepEqual(loaded.get(`d${n}`), {
          document: { _id: `d${n}`, n },
          position: BigInt(n),
          events: 1,
        })
    },
  },
  {
    name: 'returns nothing of nothing, of another model and of another generation',
    run: async (subject) => {
      const { store, generation, model, other } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      assert.equal((await store.load(generation, model, [])).size, 0)
      assert.equal((await store.load(generation, other, ['a'])).size, 0)
      assert.equal((await store.load({ ...generation, number: 2 }, model, ['a'])).size, 0)
    },
  },
  {
    name: 'returns no document for one that was deleted',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      await runner.commit([deletionOf(model, 'a', 2n, 1n)])
      const loaded = await store.load(generation, model, ['a'])
      assert.equal(loaded.get('a')?.document, undefined)
    },
  },
  {
    name: 'returns documents that the caller may change without changing the store',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const lines = [1]
      await runner.commit([writeOf(model, { _id: 'a', lines }, 1n)])
      lines.push(2)
      const load = async (): Promise<Sample> =>
        (await store.load(generation, model, ['a'])).get('a')?.document as Sample
      ;((await load())['lines'] as number[]).push(3)
      assert.deepEqual(await load(), { _id: 'a', lines: [1] })
    },
  },
]
