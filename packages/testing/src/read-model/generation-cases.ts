import assert from 'node:assert/strict'
import { defineReadModel, type GenerationRecord } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { assertCodes, outcomes, rejection } from '../contract/expectations.ts'
import { openView } from './contract-view.ts'
import {
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
  writeOfVersions,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

const conflict = 'GENERATION_CONFLICT'

function recordOf(projection: string, revision: number): GenerationRecord {
  const active = { projection, version: revision, number: revision }
  return { projection, active, previous: undefined, building: undefined, revision }
}

/** What a store says of itself. */
export const levelCases: readonly Case[] = [
  {
    name: 'says what it can promise, each time the same',
    run: async ({ store, capabilities }) => {
      assert.equal(await store.level(), capabilities.level)
      assert.equal(await store.level(), capabilities.level)
    },
  },
]

/** Reading the alias document. */
export const generationsCases: readonly Case[] = [
  {
    name: 'returns nothing for a projection that never ran',
    run: async ({ store, projection }) => {
      assert.equal(await store.generations(projection), undefined)
    },
  },
  {
    name: 'returns what was saved',
    run: async ({ store, projection }) => {
      const generation = (number: number): NonNullable<GenerationRecord['active']> => ({
        projection,
        version: 2,
        number,
      })
      const empty = { ...recordOf(projection, 1), active: undefined }
      await store.saveGenerations(empty, 0)
      assert.deepEqual(await store.generations(projection), empty)
      const full = {
        projection,
        active: generation(2),
        previous: generation(1),
        building: generation(3),
        revision: 2,
      }
      await store.saveGenerations(full, 1)
      assert.deepEqual(await store.generations(projection), full)
      const paused = { ...full, isPaused: true, revision: 3 }
      await store.saveGenerations(paused, 2)
      assert.deepEqual(await store.generations(projection), paused)
      const leftAt = new Date('2024-03-01T10:00:00.123Z')
      const stored = { generation: generation(1), shape: 'a: b', models: ['a'], leftAt }
      const noted = {
        ...full,
        stored: [stored],
        keptUntil: new Date('2024-03-01T10:10:00Z'),
        retired: [{ version: 2, shape: 'a: b' }],
        lastNumber: 9,
        revision: 4,
      }
      await store.saveGenerations(noted, 3)
      assert.deepEqual(await store.generations(projection), noted)
    },
  },
]

/** Changing the alias document. */
export const saveGenerationsCases: readonly Case[] = [
  {
    name: 'refuses a record made from another revision and saves nothing',
    run: async ({ store, projection }) => {
      await store.saveGenerations(recordOf(projection, 1), 0)
      await store.saveGenerations(recordOf(projection, 2), 1)
      await rejection(store.saveGenerations(recordOf(projection, 1), 0), conflict)
      await rejection(store.saveGenerations(recordOf(projection, 2), 1), conflict)
      await rejection(store.saveGenerations(recordOf(projection, 8), 7), conflict)
      assert.deepEqual(await store.generations(projection), recordOf(projection, 2))
    },
  },
  {
    name: 'refuses a record made from a revision where there is none',
    run: async ({ store, projection }) => {
      await rejection(store.saveGenerations(recordOf(projection, 3), 2), conflict)
      assert.equal(await store.generations(projection), undefined)
    },
  },
  {
    name: 'lets one of many racing writers win',
    run: async ({ store, projection }) => {
      for (const revision of [1, 2]) {
        const racers = Array.from({ length: 8 }, () =>
          store.saveGenerations(recordOf(projection, revision), revision - 1),
        )
        const { values, errors } = await outcomes(racers)
        assert.equal(values.length, 1, `${values.length} of 8 writers won`)
        assertCodes(errors, conflict)
      }
    },
  },
]

/** Making room for documents. */
export const createCases: readonly Case[] = [
  {
    name: 'makes models that can be queried and are empty',
    run: async ({ store, generation, models }) => {
      await store.create(generation, models)
      for (const model of models) {
        const view = openView(store, generation, model)
        assert.equal(await view.countDocuments(), 0)
        assert.equal(await view.findOne({}), null)
        assert.deepEqual(await view.find({ owner: 'Ada' }).toArray(), [])
      }
    },
  },
  {
    name: 'changes nothing where the models exist',
    run: async (subject) => {
      const { store, generation, model, models } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      await store.create(generation, models)
      assert.equal(await openView(store, generation, model).countDocuments(), 1)
      assert.equal((await onlyCheckpoint(store, generation))?.position, 1n)
    },
  },
  {
    name: 'refuses what a unique index forbids also before the other indexes are made',
    run: async (subject) => {
      const { store, projection } = subject
      const indexes = [{ keys: { a: 1 } }, { keys: { e: 1 }, unique: true }] as const
      const model = defineReadModel(`${projection}_bulk`, { indexes })
      await store.create(subject.generation, [model], { indexes: 'unique' })
      const runner = await SampleRunner.start({ ...subject, models: [] })
      await runner.commit([writeOf(model, { _id: 'a', e: 1 }, 1n)])
      const second = runner.commit([writeOf(model, { _id: 'b', e: 1 }, 2n)])
      await rejection(second, 'UNIQUE_INDEX_VIOLATION')
      await store.create(subject.generation, [model])
      assert.equal(await openView(store, subject.generation, model).countDocuments(), 1)
    },
  },
  {
    name: 'takes every kind of index',
    run: async ({ store, generation, projection }) => {
      const model = defineReadModel(`${projection}_indexed`, {
        indexes: [
          { keys: { a: 1 } },
          { keys: { b: -1, 'c.d': 1 }, name: 'by_b' },
          { keys: { e: 1 }, unique: true },
          { keys: { f: 1 }, unique: true, sparse: true },
        ],
      })
      for (const history of [false, true]) {
        await store.create(generation, [{ ...model, history }])
        await store.drop(generation, [{ ...model, history }])
      }
    },
  },
]

/** Cleaning up. */
export const dropCases: readonly Case[] = [
  {
    name: 'removes documents, history and checkpoint',
    run: async (subject) => {
      const { store, generation, model, historical, models } = subject
      const runner = await SampleRunner.start(subject)
      const version = { position: 1n, recordedAt: new Date(1), document: { _id: 'h' } }
      await runner.commit([
        writeOf(model, { _id: 'a' }, 1n),
        writeOfVersions(historical, 'h', [version]),
      ])
      await store.drop(generation, models)
      await store.create(generation, models)
      assert.equal(await onlyCheckpoint(store, generation), undefined)
      assert.equal((await store.load(generation, model, ['a'])).size, 0)
      assert.equal(await openView(store, generation, model).countDocuments(), 0)
      const past = openView(store, generation, historical, { position: 1n })
      assert.equal(await past.countDocuments(), 0)
    },
  },
  {
    name: 'leaves other generations alone',
    run: async (subject) => {
      const { store, generation, model, models } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 1n)])
      const next = { ...generation, number: 2 }
      const second = await SampleRunner.start({ ...subject, generation: next })
      await second.commit([writeOf(model, { _id: 'a', next: true }, 1n)])
      await store.drop(next, models)
      assert.deepEqual(await openView(store, generation, model).findOne({}), { _id: 'a' })
      assert.equal((await onlyCheckpoint(store, generation))?.position, 1n)
    },
  },
  {
    name: 'does nothing where there is nothing, and may be called again',
    run: async ({ store, generation, models }) => {
      await store.drop(generation, models)
      await store.create(generation, models)
      await store.drop(generation, models)
      await store.drop(generation, models)
    },
  },
  {
    name: 'refuses the runner that was still at work',
    run: async (subject) => {
      const { store, generation, model, models } = subject
      const runner = await SampleRunner.start(subject)
      await store.drop(generation, models)
      await rejection(runner.commit([writeOf(model, { _id: 'a' }, 1n)]), 'CHECKPOINT_CONFLICT')
      assert.equal(await openView(store, generation, model).countDocuments(), 0)
    },
  },
]
