import assert from 'node:assert/strict'
import {
  checkpointId,
  type Generation,
  type GenerationRecord,
  type ReadModelChanges,
  type ReadModelDefinition,
  type ReadModelWatch,
  type WatchedReadModel,
} from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import { letterOf } from '../dead-letter/dead-letter-store-subject.ts'
import { deletionOf, SampleRunner, writeOf } from '../read-model/read-model-store-subject.ts'
import { ChangeProbe } from './change-probe.ts'
import type { ReadModelChangesSubject } from './read-model-changes-subject.ts'

type Case = ContractCase<ReadModelChangesSubject>

const watch: readonly Case[] = [
  {
    name: 'tells of a document that is written, with its position where it is told at all',
    run: async (subject) => {
      const runner = await SampleRunner.start(subject)
      await using probe = await open(subject)
      await runner.commit([writeOf(subject.model, { _id: 'a' }, 5n)])
      await probe.heard.until('a document that was written', () => probe.heard.hasHeardOf('a'))
      for (const change of probe.heard.changes)
        if (change.kind === 'document')
          assert.ok(change.position === undefined || change.position === 5n)
    },
  },
  {
    name: 'tells of a document that is written again, and of one that is deleted',
    run: async (subject) => {
      const { model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n), writeOf(model, { _id: 'b' }, 2n)])
      await using probe = await open(subject)
      await runner.commit([writeOf(model, { _id: 'a', more: 1 }, 3n, 1n)])
      await probe.heard.until('a document that was replaced', () => probe.heard.hasHeardOf('a'))
      probe.heard.forget()
      await runner.commit([deletionOf(model, 'b', 4n, 2n)])
      await probe.heard.until('a document that was deleted', () => probe.heard.hasHeardOf('b'))
    },
  },
  {
    name: 'tells of a document that is changed by operators',
    run: async (subject) => {
      const { model } = subject
      const runner = await SampleRunner.start(subject)
      await using probe = await open(subject)
      const count = { model, update: { $inc: { count: 1 } } }
      await runner.commitWith({ updates: [{ ...count, id: 'a', position: 1n }] }, 1n)
      await probe.heard.until('a document that was made', () => probe.heard.hasHeardOf('a'))
      probe.heard.forget()
      await runner.commitWith({ updates: [{ ...count, id: 'a', position: 2n }] }, 2n)
      await probe.heard.until('a document that was updated', () => probe.heard.hasHeardOf('a'))
      for (const change of probe.heard.changes)
        if (change.kind === 'document')
          assert.ok(change.position === undefined || change.position === 2n)
    },
  },
  {
    name: 'tells of a document that gets an event later than others, its checkpoint where it was',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      const letter = letterOf({
        consumer: checkpointId(generation),
        model: model.name,
        key: 'a',
        position: 1n,
        state: 'dead',
      })
      await runner.commitWith({ deadLetters: [letter] }, 5n)
      await using probe = await open(subject)
      const settled = [{ queue: letter.queue, position: letter.event.position }]
      await runner.commitWith({ writes: [writeOf(model, { _id: 'a' }, 1n)], settled }, 5n)
      await probe.heard.until('an event that was late', () => probe.heard.hasHeardOf('a'))
      const { consumer } = letter.queue
      assert.equal(await store.deadLetters.count({ consumer }), 0)
    },
  },
  {
    name: 'misses nothing that is committed once it is open',
    run: async (subject) => {
      const { model } = subject
      const runner = await SampleRunner.start(subject)
      for (let round = 0; round < 10; round += 1) {
        await using probe = await open(subject)
        const id = `document-${round}`
        await runner.commit([writeOf(model, { _id: id }, BigInt(round))])
        await probe.heard.until('a commit behind the opening', () => probe.heard.hasHeardOf(id))
      }
    },
  },
  {
    name: 'tells of every document of many commits',
    run: async (subject) => {
      const { model } = subject
      const runner = await SampleRunner.start(subject)
      await using probe = await open(subject)
      const ids = Array.from({ length: 50 }, (_, index) => `document-${index}`)
      for (const [index, _id] of ids.entries())
        await runner.commit([writeOf(model, { _id }, BigInt(index))])
      await probe.heard.until('50 documents', () => ids.every((id) => probe.heard.hasHeardOf(id)))
    },
  },
  {
    name: 'tells each of several watches',
    run: async (subject) => {
      const runner = await SampleRunner.start(subject)
      await using first = await open(subject)
      await using second = await open(subject)
      await runner.commit([writeOf(subject.model, { _id: 'a' }, 1n)])
      for (const { heard } of [first, second])
        await heard.until('a document in each watch', () => heard.hasHeardOf('a'))
    },
  },
  {
    name: 'tells when generations are saved',
    run: async (subject) => {
      const { store, generation } = subject
      await SampleRunner.start(subject)
      await store.saveGenerations(recordOf(generation), 0)
      await using probe = await open(subject)
      const next = { ...generation, number: 2 }
      await store.saveGenerations({ ...recordOf(next), previous: generation, revision: 2 }, 1)
      await probe.heard.until('generations', () => probe.heard.hasHeardOfGenerations)
    },
  },
  {
    name: 'tells nothing of a generation that is not watched',
    run: async (subject) => {
      const { store, generation, model, models } = subject
      const building = { ...generation, number: 2 }
      const runner = await SampleRunner.start(subject)
      await store.create(building, models)
      await using probe = await open(subject)
      const from = await store.takeCheckpoint(building)
      const writes = [writeOf(model, { _id: 'hidden' }, 1n)]
      await store.commit({ generation: building, writes, from, position: 1n })
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      await probe.heard.until('the watched generation', () => probe.heard.hasHeardOf('a'))
      assert.ok(!JSON.stringify(probe.heard.changes.map(plain)).includes('_v1_2'))
    },
  },
  {
    name: 'watches several models at once, each under its own name',
    run: async (subject) => {
      const { model, other } = subject
      const runner = await SampleRunner.start(subject)
      await using probe = await open(subject, [model, other])
      const suffix = '__v1_1'
      await runner.commit([writeOf(model, { _id: 'a' }, 1n), writeOf(other, { _id: 'b' }, 2n)])
      const names = (): Set<string> =>
        new Set(probe.heard.changes.flatMap((one) => ('collection' in one ? [one.collection] : [])))
      await probe.heard.until('both collections', () => names().size === 2)
      assert.deepEqual([...names()].sort(), [`${model.name}${suffix}`, `${other.name}${suffix}`])
    },
  },
  {
    name: 'tells nothing once it is closed, and may be closed again',
    run: async (subject) => {
      const { model } = subject
      const runner = await SampleRunner.start(subject)
      const closed = await open(subject)
      await using probe = await open(subject)
      await closed.watch.close()
      await closed.watch.close()
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      await probe.heard.until('the watch that is open', () => probe.heard.hasHeardOf('a'))
      assert.deepEqual(closed.heard.changes, [])
    },
  },
  {
    name: 'says how changes get here',
    run: async (subject) => {
      await SampleRunner.start(subject)
      await using probe = await open(subject)
      assert.notEqual(probe.watch.source, '')
    },
  },
]

const isUnavailable: readonly Case[] = [
  {
    name: 'does not take any error for a server that was not reached',
    run: async ({ changes }) => {
      assert.equal(changes.isUnavailable(new RangeError('out of range')), false)
      assert.equal(changes.isUnavailable(undefined), false)
    },
  },
]

/** What every {@link ReadModelChanges} promises. */
export const readModelChangesContract = { watch, isUnavailable } satisfies ContractSuite<
  ReadModelChanges,
  ReadModelChangesSubject
>

interface OpenProbe extends AsyncDisposable {
  readonly heard: ChangeProbe
  readonly watch: ReadModelWatch
}

async function open(
  subject: ReadModelChangesSubject,
  models: readonly ReadModelDefinition[] = [subject.model],
): Promise<OpenProbe> {
  const heard = new ChangeProbe(subject)
  const watched: WatchedReadModel[] = models.map((model) => {
    return { model, generation: subject.generation }
  })
  const watch = await subject.changes.watch(watched, heard)
  assert.ok(watch, 'expected a watch')
  return { heard, watch, [Symbol.asyncDispose]: () => watch.close() }
}

function recordOf(active: Generation): GenerationRecord {
  const { projection } = active
  return { projection, active, previous: undefined, building: undefined, revision: 1 }
}

/** A change that JSON can carry. */
function plain(change: object): object {
  return { ...change, position: undefined }
}
