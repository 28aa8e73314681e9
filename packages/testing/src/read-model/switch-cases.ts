import assert from 'node:assert/strict'
import type { GenerationRecord, LeftGeneration } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { outcomes, rejection } from '../contract/expectations.ts'
import {
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

interface Prepared {
  /** Writes what readers are about to leave. */
  readonly runner: SampleRunner
  readonly left: LeftGeneration
  readonly before: GenerationRecord
  readonly after: GenerationRecord
}

/** A projection whose first generation is taken over at position 5, and whose second one is to be switched to. */
async function prepare(subject: ReadModelStoreSubject): Promise<Prepared> {
  const { store, projection, generation, model } = subject
  const runner = await SampleRunner.start(subject)
  await runner.commit([writeOf(model, { _id: 'a' }, 5n)])
  const building = { ...generation, number: 2 }
  const kept = { projection, previous: undefined }
  const before = { ...kept, active: generation, building, revision: 1 }
  await store.saveGenerations(before, 0)
  const left = { generation, checkpoints: [await store.takeCheckpoint(generation)] }
  const switched = { projection, active: building, previous: generation, building: undefined }
  return { runner, left, before, after: { ...switched, revision: 2 } }
}

/** Changing the alias document so that readers move. */
export const switchCases: readonly Case[] = [
  {
    name: 'switches readers away from what the switcher has taken over',
    run: async (subject) => {
      const { left, after } = await prepare(subject)
      await subject.store.saveGenerations(after, 1, left)
      assert.deepEqual(await subject.store.generations(subject.projection), after)
    },
  },
  {
    name: 'refuses a switch after what readers leave was taken over again',
    run: async (subject) => {
      const { store, generation, projection } = subject
      const { left, before, after } = await prepare(subject)
      await store.takeCheckpoint(generation)
      await rejection(store.saveGenerations(after, 1, left), 'CHECKPOINT_CONFLICT')
      assert.deepEqual(await store.generations(projection), before)
    },
  },
  {
    name: 'refuses a switch after what readers leave has moved on',
    run: async (subject) => {
      const { store, generation, projection, model } = subject
      const { before, after } = await prepare(subject)
      const runner = await SampleRunner.start(subject)
      const left = { generation, checkpoints: [runner.checkpoint] }
      await runner.commit([writeOf(model, { _id: 'a', late: true }, 6n, 5n)])
      await rejection(store.saveGenerations(after, 1, left), 'CHECKPOINT_CONFLICT')
      assert.deepEqual(await store.generations(projection), before)
    },
  },
  {
    name: 'refuses whoever wrote what readers have left, until it is taken over',
    run: async (subject) => {
      const { store, generation, model } = subject
      const { left, after } = await prepare(subject)
      const runner = await SampleRunner.start(subject)
      await store.saveGenerations(after, 1, { ...left, checkpoints: [runner.checkpoint] })
      const late = runner.commit([writeOf(model, { _id: 'a', late: true }, 6n, 5n)])
      await rejection(late, 'CHECKPOINT_CONFLICT')
      assert.equal((await onlyCheckpoint(store, generation))?.position, 5n)
      const next = await SampleRunner.start(subject)
      await next.commit([writeOf(model, { _id: 'a', kept: true }, 6n, 5n)])
      assert.equal((await onlyCheckpoint(store, generation))?.position, 6n)
    },
  },
  {
    name: 'refuses a switch made from another revision, and does not get in the way of the writer',
    run: async (subject) => {
      const { store, generation, projection, model } = subject
      const { left, before, after } = await prepare(subject)
      await store.saveGenerations({ ...before, isPaused: true, revision: 2 }, 1)
      await rejection(store.saveGenerations(after, 1, left), 'GENERATION_CONFLICT')
      const found = await store.generations(projection)
      assert.equal(found?.active?.number, 1)
      const next = await SampleRunner.start({ ...subject, generation })
      await next.commit([writeOf(model, { _id: 'a', late: true }, 6n, 5n)])
    },
  },
  {
    name: 'switches or lets a racing runner take over, never both',
    run: async (subject) => {
      const { store, generation, projection } = subject
      const { left, after } = await prepare(subject)
      const taking = Array.from({ length: 4 }, () => store.takeCheckpoint(generation))
      const switching = store.saveGenerations(after, 1, left)
      const { errors } = await outcomes([switching])
      const takers = await Promise.all(taking)
      const found = await store.generations(projection)
      assert.equal(found?.active?.number, errors.length === 0 ? 2 : 1)
      const epochs = takers.map(({ epoch }) => epoch)
      const first = epochs.reduce((least, one) => (one < least ? one : least))
      const switched = (left.checkpoints[0]?.epoch ?? 0n) + 1n
      if (errors.length === 0)
        assert.ok(first > switched, 'a runner was let in before the switch, which was made')
    },
  },
  {
    name: 'switches readers away from every segment, or from none',
    run: async (subject) => {
      const { store, generation, projection } = subject
      const { left, after, before } = await prepare(subject)
      const [whole] = left.checkpoints
      assert.ok(whole)
      await store.split(generation, whole)
      await rejection(store.saveGenerations(after, 1, left), 'CHECKPOINT_CONFLICT')
      const halves = await store.checkpoints(generation)
      const taken = []
      for (const { slots } of halves) taken.push(await store.takeCheckpoint(generation, slots))
      await store.takeCheckpoint(generation, halves[1]?.slots)
      const late = store.saveGenerations(after, 1, { generation, checkpoints: taken })
      await rejection(late, 'CHECKPOINT_CONFLICT')
      assert.equal((await store.generations(projection))?.active?.number, before.active?.number)
    },
  },
]
