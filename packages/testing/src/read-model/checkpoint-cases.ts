import assert from 'node:assert/strict'
import { allSlots, checkpointId } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import {
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

/** Looking at the checkpoint of a generation nobody split. */
export const checkpointsCases: readonly Case[] = [
  {
    name: 'returns nothing where nobody took the generation',
    run: async ({ store, generation, models }) => {
      assert.equal(await onlyCheckpoint(store, generation), undefined)
      await store.create(generation, models)
      assert.equal(await onlyCheckpoint(store, generation), undefined)
    },
  },
  {
    name: 'returns what was taken and committed, without taking it over',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      assert.deepEqual(await onlyCheckpoint(store, generation), runner.checkpoint)
      await runner.commit([writeOf(model, { _id: 'a' }, 7n)])
      assert.deepEqual(await onlyCheckpoint(store, generation), runner.checkpoint)
      await runner.commit([], 8n)
    },
  },
  {
    name: 'keeps positions that no JavaScript number can hold',
    run: async (subject) => {
      const { store, generation, model } = subject
      const position = 2n ** 62n + 1n
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, position)])
      assert.equal((await onlyCheckpoint(store, generation))?.position, position)
      const loaded = await store.load(generation, model, ['a'])
      assert.equal(loaded.get('a')?.position, position)
      await runner.commit([], position + 1n)
      assert.equal((await onlyCheckpoint(store, generation))?.position, position + 1n)
    },
  },
]

/** Taking over. */
export const takeCheckpointCases: readonly Case[] = [
  {
    name: 'starts at no position, with all slots, under the id of the generation',
    run: async ({ store, generation }) => {
      const taken = await store.takeCheckpoint(generation)
      assert.equal(taken.id, checkpointId(generation))
      assert.equal(taken.position, undefined)
      assert.deepEqual(taken.slots, allSlots)
    },
  },
  {
    name: 'raises the epoch and keeps the position',
    run: async (subject) => {
      const { store, generation, model } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([writeOf(model, { _id: 'a' }, 5n)])
      const taken = await store.takeCheckpoint(generation)
      assert.equal(taken.position, 5n)
      assert.ok(taken.epoch > runner.checkpoint.epoch)
      assert.deepEqual(await onlyCheckpoint(store, generation), taken)
    },
  },
  {
    name: 'gives each of many racing runners an epoch of its own',
    run: async ({ store, generation }) => {
      const racers = Array.from({ length: 8 }, () => store.takeCheckpoint(generation))
      const epochs = (await Promise.all(racers)).map(({ epoch }) => epoch)
      assert.equal(new Set(epochs).size, 8)
    },
  },
  {
    name: 'keeps generations apart',
    run: async ({ store, generation }) => {
      const first = await store.takeCheckpoint(generation)
      await store.takeCheckpoint({ ...generation, number: 2 })
      await store.takeCheckpoint({ ...generation, version: 2 })
      assert.deepEqual(await onlyCheckpoint(store, generation), first)
    },
  },
]
