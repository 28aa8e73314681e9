import assert from 'node:assert/strict'
import { CheckpointConflictError, defineReadModel, type ReadModelDefinition } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { assertCodes, outcomes, rejection } from '../contract/expectations.ts'
import { openView } from './contract-view.ts'
import {
  deletionOf,
  onlyCheckpoint,
  type ReadModelStoreSubject,
  type Sample,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

const conflict = 'CHECKPOINT_CONFLICT'

const emailsOf = ({ projection }: ReadModelStoreSubject): ReadModelDefinition =>
  defineReadModel(`${projection}_emails`, { indexes: [{ keys: { email: 1 }, unique: true }] })

const uniqueCases: readonly Case[] = [
  {
    name: 'refuses a value under a unique index that another document has',
    run: async (subject) => {
      const { store, generation } = subject
      const emails = emailsOf(subject)
      const runner = await SampleRunner.start({ ...subject, models: [emails] })
      await runner.commit([writeOf(emails, { _id: 'a', email: 'x@y' }, 1n)])
      const second = runner.commit([writeOf(emails, { _id: 'b', email: 'x@y' }, 2n)])
      await rejection(second, 'UNIQUE_INDEX_VIOLATION')
      const found = await openView(store, generation, emails).find().toArray()
      assert.deepEqual(found, [{ _id: 'a', email: 'x@y' }])
      assert.equal((await onlyCheckpoint(store, generation))?.position, 1n)
    },
  },
  {
    name: 'lets a commit hand a value under a unique index from one document to another',
    run: async (subject) => {
      const { store, generation } = subject
      const emails = emailsOf(subject)
      const runner = await SampleRunner.start({ ...subject, models: [emails] })
      await runner.commit([writeOf(emails, { _id: 'a', email: 'x@y' }, 1n)])
      await runner.commit([
        writeOf(emails, { _id: 'b', email: 'x@y' }, 2n),
        writeOf(emails, { _id: 'a', email: 'z@y' }, 2n, 1n),
      ])
      const found = await openView(store, generation, emails).find().sort({ _id: 1 }).toArray()
      assert.deepEqual(
        found.map(({ email }) => email),
        ['z@y', 'x@y'],
      )
    },
  },
]

const fencingCases: readonly Case[] = [
  {
    name: 'refuses a runner that lost the checkpoint to another, and writes nothing of it',
    run: async (subject) => {
      const { store, generation, model } = subject
      const zombie = await SampleRunner.start(subject)
      await zombie.commit([writeOf(model, { _id: 'a', by: 'zombie' }, 1n)])
      const runner = await SampleRunner.start(subject)
      const late = [
        writeOf(model, { _id: 'a', by: 'late' }, 2n, 1n),
        writeOf(model, { _id: 'z' }, 2n),
        deletionOf(model, 'a', 2n, 1n),
      ]
      for (const write of late) {
        const error = await rejection(zombie.commit([write]), conflict)
        assert.ok(error instanceof CheckpointConflictError)
        const { expected, found } = error
        assert.deepEqual(expected, zombie.checkpoint)
        assert.deepEqual(found, runner.checkpoint)
      }
      await rejection(zombie.commit([], 5n), conflict)
      const found = await openView(store, generation, model).find().toArray()
      assert.deepEqual(found, [{ _id: 'a', by: 'zombie' }])
      assert.deepEqual(await onlyCheckpoint(store, generation), runner.checkpoint)
      await runner.commit([writeOf(model, { _id: 'a', by: 'runner' }, 2n, 1n)])
    },
  },
  {
    name: 'refuses a commit from another position, and writes nothing of it',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const first = runner.checkpoint
      await runner.commit([writeOf(model, { _id: 'a', n: 1 }, 1n)])
      for (const position of [first.position, 5n]) {
        const from = { ...runner.checkpoint, position }
        const writes = [writeOf(model, { _id: 'a', n: 9 }, 9n, 1n)]
        const commit = store.commit({ generation, writes, from, position: 9n })
        await rejection(commit, conflict)
      }
      const view = openView(store, generation, model)
      assert.deepEqual(await view.findOne({}), { _id: 'a', n: 1 })
      assert.deepEqual(await onlyCheckpoint(store, generation), runner.checkpoint)
    },
  },
  {
    name: 'refuses a runner that never took the checkpoint',
    run: async (subject) => {
      const { store, generation, model, models } = subject
      await store.create(generation, models)
      const taken = await store.takeCheckpoint({ ...generation, number: 2 })
      const from = { ...taken, id: taken.id.replace(/2$/, '1') }
      const writes = [writeOf(model, { _id: 'a' }, 1n)]
      await rejection(store.commit({ generation, writes, from, position: 1n }), conflict)
      assert.equal(await openView(store, generation, model).countDocuments(), 0)
    },
  },
  {
    name: 'lets one of two racing commits from the same checkpoint win',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const from = runner.checkpoint
      const racers = [1n, 2n, 3n, 4n].map((position) =>
        store.commit({
          generation,
          writes: [writeOf(model, { _id: 'a', n: Number(position) }, position)],
          from,
          position,
        }),
      )
      const { values, errors } = await outcomes(racers)
      assert.equal(values.length, 1, `${values.length} of 4 commits won`)
      assertCodes(errors, conflict)
      const found = await onlyCheckpoint(store, generation)
      assert.deepEqual(found, values[0])
      const stored = (await store.load(generation, model, ['a'])).get('a')
      // Without transactions a refused commit may have written ahead; never something older.
      if (subject.capabilities.level === 'exactly-once')
        assert.equal(stored?.position, found?.position)
      else assert.ok((stored?.position ?? 0n) >= (found?.position ?? 0n))
    },
  },
  {
    name: 'moves from one runner to the next without a hole or a double',
    run: async (subject) => {
      const { store, generation, model } = subject
      for (const n of [1, 2, 3, 4]) {
        const runner = await SampleRunner.start(subject)
        const stored = (await store.load(generation, model, ['a'])).get('a')
        const count = ((stored?.document as Sample | undefined)?.['count'] as number) || 0
        const document = { _id: 'a', count: count + 1 }
        await runner.commit([writeOf(model, document, BigInt(n), stored?.position)])
      }
      const view = openView(store, generation, model)
      assert.deepEqual(await view.findOne({}), { _id: 'a', count: 4 })
    },
  },
]

/** Documents and checkpoint together, and who may write. */
export const commitCases: readonly Case[] = [
  {
    name: 'writes documents and moves the checkpoint to the position it returns',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const { id, epoch, slots } = runner.checkpoint
      await runner.commit([writeOf(model, { _id: 'a', n: 1 }, 3n)], 9n)
      assert.deepEqual(runner.checkpoint, { id, slots, epoch, position: 9n })
      assert.deepEqual(await onlyCheckpoint(store, generation), runner.checkpoint)
      const loaded = await store.load(generation, model, ['a'])
      assert.deepEqual(loaded.get('a'), { document: { _id: 'a', n: 1 }, position: 3n, events: 1 })
    },
  },
  {
    name: 'replaces a document whole',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a', old: 1, kept: 1 }, 1n)])
      await runner.commit([writeOf(model, { _id: 'a', kept: 2 }, 2n, 1n)])
      assert.deepEqual(await openView(store, generation, model).findOne({}), { _id: 'a', kept: 2 })
    },
  },
  {
    name: 'deletes a document, and brings it back when it is written again',
    run: async (subject) => {
      const { store, generation, model } = subject
      const view = openView(store, generation, model)
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n), writeOf(model, { _id: 'b' }, 2n)])
      await runner.commit([deletionOf(model, 'a', 3n, 1n)])
      assert.deepEqual(await view.find().toArray(), [{ _id: 'b' }])
      await runner.commit([writeOf(model, { _id: 'a', again: true }, 4n, 3n)])
      assert.deepEqual(await view.findOne({ _id: 'a' }), { _id: 'a', again: true })
    },
  },
  {
    name: 'deletes a document that came and went within the batch',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const deletion = { ...deletionOf(model, 'a', 2n, 0n), previous: undefined }
      await runner.commit([deletion, writeOf(model, { _id: 'b' }, 1n)])
      assert.deepEqual(await openView(store, generation, model).find().toArray(), [{ _id: 'b' }])
    },
  },
  {
    name: 'writes several models at once',
    run: async (subject) => {
      const { store, generation, model, other } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([
        writeOf(model, { _id: 'a', in: 'model' }, 1n),
        writeOf(other, { _id: 'a', in: 'other' }, 2n),
        writeOf(model, { _id: 'b', in: 'model' }, 3n),
      ])
      assert.equal(await openView(store, generation, model).countDocuments(), 2)
      const found = await openView(store, generation, other).find().toArray()
      assert.deepEqual(found, [{ _id: 'a', in: 'other' }])
    },
  },
  {
    name: 'moves the checkpoint without a document',
    run: async (subject) => {
      const runner = await SampleRunner.start(subject)
      await runner.commit([], 4n)
      await runner.commit([], 6n)
      assert.equal((await onlyCheckpoint(subject.store, subject.generation))?.position, 6n)
    },
  },
  {
    name: 'writes two thousand documents at once',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const writes = Array.from({ length: 2000 }, (_, n) =>
        writeOf(model, { _id: `d${n}`, n }, BigInt(n)),
      )
      await runner.commit(writes)
      const again = writes.map(({ document, position }) =>
        writeOf(model, { ...(document as Sample), again: true }, position + 2000n, position),
      )
      await runner.commit(again)
      const view = openView(store, generation, model)
      assert.equal(await view.countDocuments({ again: true }), 2000)
    },
  },
  ...uniqueCases,
  ...fencingCases,
  {
    name: 'refuses a document over the limit and writes nothing of the commit',
    run: async (subject) => {
      const { store, generation, model, capabilities } = subject
      const runner = await SampleRunner.start(subject)
      const { maxDocumentBytes } = capabilities
      const text = 'x'.repeat(maxDocumentBytes ?? 20 * 1024 * 1024)
      const writes = [
        writeOf(model, { _id: 'small' }, 1n),
        writeOf(model, { _id: 'large', text }, 2n),
      ]
      if (maxDocumentBytes === undefined) return runner.commit(writes)
      await rejection(runner.commit(writes), 'DOCUMENT_TOO_LARGE')
      assert.equal(await openView(store, generation, model).countDocuments(), 0)
      assert.equal((await onlyCheckpoint(store, generation))?.position, undefined)
    },
  },
]
