import assert from 'node:assert/strict'
import {
  defineReadModel,
  type DocumentUpdate,
  DocumentRefusedError,
  type ReadModelDefinition,
} from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import { openView } from './contract-view.ts'
import {
  deletionOf,
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'
import { updateSamples } from './update-samples.ts'

type Case = ContractCase<ReadModelStoreSubject>
type Operators = DocumentUpdate['update']

const conflict = 'CHECKPOINT_CONFLICT'
const refused = 'UPDATE_REFUSED'

function updateOf(
  model: ReadModelDefinition,
  id: string,
  update: Operators,
  position: bigint,
): DocumentUpdate {
  return { model, id, update, position }
}

const applying: readonly Case[] = [
  {
    name: 'applies update operators to a document that is there, and makes one that is not',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a', count: 1, owner: 'Ada' }, 1n)])
      const update = { $inc: { count: 2 }, $set: { 'in.city': 'Bern' } }
      const updates = ['a', 'b'].map((id) => updateOf(model, id, update, 2n))
      await runner.commitWith({ updates }, 3n)
      assert.equal(runner.checkpoint.position, 3n)
      const loaded = await store.load(generation, model, ['a', 'b'])
      const document = { _id: 'a', count: 3, owner: 'Ada', in: { city: 'Bern' } }
      assert.deepEqual(loaded.get('a'), { document, position: 2n, events: 2 })
      const made = { _id: 'b', count: 2, in: { city: 'Bern' } }
      assert.deepEqual(loaded.get('b'), { document: made, position: 2n, events: 1 })
      const found = await openView(store, generation, model).find().sort({ _id: 1 }).toArray()
      assert.deepEqual(found, [document, made])
    },
  },
  {
    name: 'applies the updates of one document one after the other, in order',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const updates = Array.from({ length: 300 }, (_, n) => {
        const update = { $push: { seen: { $each: [n], $slice: -3 } }, $set: { last: n } }
        return updateOf(model, `d${n % 7}`, update, BigInt(n))
      })
      await runner.commitWith({ updates }, 300n)
      const loaded = await store.load(generation, model, ['d0', 'd5'])
      const document = { _id: 'd5', seen: [285, 292, 299], last: 299 }
      assert.deepEqual(loaded.get('d5'), { document, position: 299n, events: 43 })
      assert.equal(loaded.get('d0')?.position, 294n)
    },
  },
  ...updateSamples.map(({ name, before, update, after }): Case => ({
    name: `updates with ${name}`,
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      if (before) await runner.commit([writeOf(model, { _id: 'a', ...before }, 1n)])
      await runner.commitWith({ updates: [updateOf(model, 'a', update, 2n)] }, 2n)
      const loaded = await store.load(generation, model, ['a'])
      assert.deepEqual(loaded.get('a')?.document, { _id: 'a', ...after })
    },
  })),
  {
    name: 'leaves the operators it is given to the caller',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const lines = [1]
      const update = { $set: { lines } }
      await runner.commitWith({ updates: [updateOf(model, 'a', update, 1n)] }, 1n)
      assert.deepEqual(update, { $set: { lines: [1] } })
      lines.push(2)
      const loaded = await store.load(generation, model, ['a'])
      assert.deepEqual(loaded.get('a')?.document, { _id: 'a', lines: [1] })
    },
  },
]

const guarding: readonly Case[] = [
  {
    name: 'applies no update to a document that has its event already',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const counted = (position: bigint) => updateOf(model, 'a', { $inc: { count: 1 } }, position)
      await runner.commitWith({ updates: [counted(4n), counted(5n)] }, 5n)
      const again = [counted(4n), counted(5n), updateOf(model, 'b', { $set: { n: 1 } }, 5n)]
      await runner.commitWith({ updates: [...again, counted(6n)] }, 6n)
      const loaded = await store.load(generation, model, ['a', 'b'])
      assert.deepEqual(loaded.get('a'), {
        document: { _id: 'a', count: 3 },
        position: 6n,
        events: 3,
      })
      assert.deepEqual(loaded.get('b'), { document: { _id: 'b', n: 1 }, position: 5n, events: 1 })
    },
  },
  {
    name: 'makes a document anew that was deleted by an earlier event',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a', old: 1 }, 1n)])
      await runner.commit([deletionOf(model, 'a', 2n, 1n)])
      await runner.commitWith({ updates: [updateOf(model, 'a', { $inc: { n: 1 } }, 3n)] }, 3n)
      const loaded = await store.load(generation, model, ['a'])
      assert.deepEqual(loaded.get('a'), { document: { _id: 'a', n: 1 }, position: 3n, events: 1 })
    },
  },
  {
    name: 'refuses the updates of a runner that lost the checkpoint, and applies none',
    run: async (subject) => {
      const { store, generation, model } = subject
      const zombie = await SampleRunner.start(subject)
      const runner = await SampleRunner.start(subject)
      const updates = [updateOf(model, 'a', { $inc: { n: 1 } }, 1n)]
      await rejection(zombie.commitWith({ updates }, 1n), conflict)
      assert.equal((await store.load(generation, model, ['a'])).size, 0)
      await runner.commitWith({ updates }, 1n)
    },
  },
]

const badUpdates: readonly (readonly [string, unknown])[] = [
  ['a pipeline', [{ $set: { n: 1 } }]],
  ['a document', { n: 1 }],
  ['an operator nobody knows', { $grow: { n: 1 } }],
  ['operators without fields', { $set: 1 }],
  ['a new _id', { $set: { _id: 'b' } }],
  ['a part of _meta', { $unset: { '_meta.position': 1 } }],
  ['a name that ends in _meta', { $rename: { n: '_meta' } }],
  ['two changes of one field', { $set: { n: 1 }, $inc: { n: 1 } }],
  ['a field and a part of it', { $set: { n: {}, 'n.m': 1 } }],
  ['a positional operator', { $set: { 'list.$': 1 } }],
  ['a filtered positional operator', { $set: { 'list.$[one].n': 1 } }],
  ['an empty path', { $set: { '': 1 } }],
]

const unfit: readonly (readonly [string, Operators])[] = [
  ['$inc of a text', { $inc: { text: 1 } }],
  ['$mul of null', { $mul: { nothing: 2 } }],
  ['$push onto a text', { $push: { text: 1 } }],
  ['$addToSet onto an object', { $addToSet: { object: 1 } }],
  ['$pull from a number', { $pull: { number: 1 } }],
  ['a path through a text', { $set: { 'text.part': 1 } }],
  ['a path through null', { $inc: { 'nothing.part': 1 } }],
  ['the elements of nothing', { $set: { 'missing.$[].n': 1 } }],
]

const refusing: readonly Case[] = [
  ...badUpdates.map(([what, update]): Case => ({
    name: `refuses ${what} for an update, and writes nothing`,
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const bad = updateOf(model, 'a', update as Operators, 2n)
      const updates = [updateOf(model, 'b', { $inc: { n: 1 } }, 1n), bad]
      const error = await rejection(runner.commitWith({ updates }, 2n), refused)
      assert.ok(error instanceof DocumentRefusedError)
      assert.deepEqual([error.model, error.id], [model.name, 'a'])
      assert.equal((await store.load(generation, model, ['a', 'b'])).size, 0)
      assert.equal((await onlyCheckpoint(store, generation))?.position, undefined)
    },
  })),
  ...unfit.map(([what, update]): Case => ({
    name: `refuses ${what}, names the document and moves no checkpoint`,
    run: async (subject) => {
      const { store, generation, model, capabilities } = subject
      const runner = await SampleRunner.start(subject)
      const before = { _id: 'a', text: 'x', nothing: null, object: {}, number: 1 }
      await runner.commit([writeOf(model, before, 1n)])
      const updates = [
        updateOf(model, 'b', { $inc: { n: 1 } }, 2n),
        updateOf(model, 'a', update, 3n),
      ]
      const error = await rejection(runner.commitWith({ updates }, 3n), refused)
      assert.ok(error instanceof DocumentRefusedError)
      assert.deepEqual([error.model, error.id], [model.name, 'a'])
      const loaded = await store.load(generation, model, ['a', 'b'])
      assert.deepEqual(loaded.get('a'), { document: before, position: 1n, events: 1 })
      if (capabilities.level === 'exactly-once') assert.equal(loaded.get('b'), undefined)
      assert.equal((await onlyCheckpoint(store, generation))?.position, 1n)
      await runner.commitWith({ updates: updates.slice(0, 1) }, 3n)
      const after = await store.load(generation, model, ['b'])
      assert.deepEqual(after.get('b')?.document, { _id: 'b', n: 1 })
    },
  })),
  {
    name: 'refuses update operators for a model with history',
    run: async (subject) => {
      const { historical } = subject
      const runner = await SampleRunner.start(subject)
      const updates = [updateOf(historical, 'a', { $inc: { n: 1 } }, 1n)]
      await rejection(runner.commitWith({ updates }, 1n), refused)
      await runner.commit([], 1n)
    },
  },
  {
    name: 'refuses what no document can hold in an update too',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      for (const value of [new Map(), 2n ** 64n, () => 1]) {
        const updates = [updateOf(model, 'a', { $set: { deep: { value } } }, 1n)]
        await rejection(runner.commitWith({ updates }, 1n), 'UNSTORABLE_DOCUMENT')
      }
      assert.equal((await store.load(generation, model, ['a'])).size, 0)
    },
  },
  {
    name: 'refuses an update that makes a document too large, and names the document',
    run: async (subject) => {
      const { store, generation, model, capabilities } = subject
      if (capabilities.maxDocumentBytes === undefined) return
      const runner = await SampleRunner.start(subject)
      const text = 'x'.repeat(Math.ceil(capabilities.maxDocumentBytes / 2))
      const pushed = (position: bigint) =>
        updateOf(model, 'a', { $push: { texts: text } }, position)
      await runner.commitWith({ updates: [pushed(1n)] }, 1n)
      const error = await runner
        .commitWith({ updates: [pushed(2n)] }, 2n)
        .catch((one: unknown) => one)
      assert.ok(error instanceof DocumentRefusedError, String(error))
      assert.equal(error.id, 'a')
      assert.equal((await store.load(generation, model, ['a'])).get('a')?.position, 1n)
      assert.equal((await onlyCheckpoint(store, generation))?.position, 1n)
    },
  },
  {
    name: 'refuses an update to a value under a unique index that another document has',
    run: async (subject) => {
      const { store, generation, projection } = subject
      const emails = defineReadModel(`${projection}_emails`, {
        indexes: [{ keys: { email: 1 }, unique: true }],
      })
      const runner = await SampleRunner.start({ ...subject, models: [emails] })
      const claim = (id: string, position: bigint) =>
        updateOf(emails, id, { $set: { email: 'x@y' } }, position)
      await runner.commitWith({ updates: [claim('a', 1n)] }, 1n)
      const second = runner.commitWith({ updates: [claim('b', 2n)] }, 2n)
      const error = await rejection(second, 'UNIQUE_INDEX_VIOLATION')
      assert.equal((error as DocumentRefusedError).id, 'b')
      const found = await openView(store, generation, emails).find().toArray()
      assert.deepEqual(found, [{ _id: 'a', email: 'x@y' }])
      assert.equal((await onlyCheckpoint(store, generation))?.position, 1n)
    },
  },
]

/** Documents changed by the store's own operators. */
export const updateCases: readonly Case[] = [...applying, ...guarding, ...refusing]
