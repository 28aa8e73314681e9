import assert from 'node:assert/strict'
import type { ReadModelDocument } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import {
  deletionOf,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

/** Walking through documents. */
export const listCases: readonly Case[] = [
  {
    name: 'names every document once, page by page, as it was committed',
    run: async (subject) => {
      const { store, generation, model, other } = subject
      const runner = await SampleRunner.start(subject)
      const ids = ['b', 'a', 'é', 'Z', '10', '9', '\u{1f600}', '\uffee', 'a.b', '$c']
      await runner.commit([
        ...ids.map((id, index) => writeOf(model, { _id: id, index }, BigInt(index + 1))),
        writeOf(other, { _id: 'elsewhere' }, 20n),
      ])
      const found: ReadModelDocument[] = []
      for (let after: string | undefined; ;) {
        const page = await store.list(generation, model, after, 3)
        assert.ok(page.length <= 3, `a page of 3 has ${page.length} documents`)
        found.push(...page)
        if (page.length < 3) break
        after = page.at(-1)?._id
      }
      assert.deepEqual(found.map(({ _id }) => _id).sort(), [...ids].sort())
      const first = found.find(({ _id }) => _id === 'b')
      assert.deepEqual(first, { _id: 'b', index: 0 })
    },
  },
  {
    name: 'leaves deleted documents out',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n), writeOf(model, { _id: 'b' }, 2n)])
      await runner.commit([deletionOf(model, 'a', 3n, 1n)])
      assert.deepEqual(await store.list(generation, model, undefined, 10), [{ _id: 'b' }])
    },
  },
  {
    name: 'is empty where there is nothing',
    run: async ({ store, generation, model }) => {
      assert.deepEqual(await store.list(generation, model, undefined, 10), [])
    },
  },
]

/** Commits that put documents in the place of wrong ones. */
export const repairCases: readonly Case[] = [
  {
    name: 'replaces, brings back and removes documents in a repair, whatever their position',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([
        writeOf(model, { _id: 'wrong', owner: 'Eve' }, 5n),
        writeOf(model, { _id: 'ahead', owner: 'Eve' }, 9n),
        writeOf(model, { _id: 'extra' }, 9n),
      ])
      const before = await store.load(generation, model, ['wrong', 'ahead', 'extra', 'missing'])
      const writes = [
        writeOf(model, { _id: 'wrong', owner: 'Ada' }, 5n, before.get('wrong')?.position),
        writeOf(model, { _id: 'ahead', owner: 'Bob' }, 3n, before.get('ahead')?.position),
        deletionOf(model, 'extra', 9n, before.get('extra')?.position ?? 0n),
        writeOf(model, { _id: 'missing', owner: 'Cyd' }, 4n),
      ]
      await runner.commitWith({ writes, isRepair: true }, 9n)
      const after = await store.load(generation, model, ['wrong', 'ahead', 'extra', 'missing'])
      assert.deepEqual(after.get('wrong')?.document, { _id: 'wrong', owner: 'Ada' })
      assert.deepEqual(after.get('ahead')?.document, { _id: 'ahead', owner: 'Bob' })
      assert.equal(after.get('ahead')?.position, 3n)
      assert.deepEqual(after.get('missing')?.document, { _id: 'missing', owner: 'Cyd' })
      assert.equal(after.get('extra')?.document, undefined)
    },
  },
]
