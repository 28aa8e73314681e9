import assert from 'node:assert/strict'
import { allSlots, type Checkpoint, checkpointId, halvesOf } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import {
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'
import { rangesOf, splitAt } from './segment-cases.ts'

type Case = ContractCase<ReadModelStoreSubject>

const conflict = 'CHECKPOINT_CONFLICT'
const gone = 'SEGMENT_GONE'
const [lowerHalf, upperHalf] = halvesOf(allSlots)

/** Making one segment of two. */
export const mergeCases: readonly Case[] = [
  {
    name: 'makes one segment of two neighbours, at their position and with an epoch above both',
    run: async (subject) => {
      const { store, generation } = subject
      const [lower] = await splitAt(subject, 5n)
      await store.takeCheckpoint(generation, upperHalf)
      const upper = await store.takeCheckpoint(generation, upperHalf)
      await store.merge(generation, lower, upper)
      const whole = await onlyCheckpoint(store, generation)
      assert.equal(whole?.id, checkpointId(generation))
      assert.deepEqual(whole.slots, allSlots)
      assert.equal(whole.position, 5n)
      assert.ok(whole.epoch > upper.epoch, `epoch ${whole.epoch} after ${upper.epoch}`)
    },
  },
  {
    name: 'refuses the workers of both from then on, and lets another take the whole',
    run: async (subject) => {
      const { store, generation, model } = subject
      await splitAt(subject, 1n)
      const lower = await SampleRunner.take(subject, lowerHalf)
      const upper = await SampleRunner.take(subject, upperHalf)
      await store.merge(generation, lower.checkpoint, upper.checkpoint)
      for (const worker of [lower, upper])
        await rejection(worker.commit([writeOf(model, { _id: 'a' }, 2n)]), conflict)
      await rejection(store.takeCheckpoint(generation, upperHalf), gone)
      const whole = await SampleRunner.start(subject)
      await whole.commit([writeOf(model, { _id: 'a' }, 2n)])
    },
  },
  {
    name: 'refuses segments at different positions, and changes nothing',
    run: async (subject) => {
      const { store, generation } = subject
      await splitAt(subject, 1n)
      const lower = await SampleRunner.take(subject, lowerHalf)
      const upper = await SampleRunner.take(subject, upperHalf)
      await upper.commit([], 2n)
      await rejection(store.merge(generation, lower.checkpoint, upper.checkpoint), conflict)
      assert.deepEqual(await store.checkpoints(generation), [lower.checkpoint, upper.checkpoint])
    },
  },
  {
    name: 'refuses a worker that lost one of the two, and changes nothing',
    run: async (subject) => {
      const { store, generation } = subject
      const [lower, upper] = await splitAt(subject, 1n)
      const taken = await store.takeCheckpoint(generation, upperHalf)
      await rejection(store.merge(generation, lower, upper), conflict)
      const first = await store.takeCheckpoint(generation, lowerHalf)
      await rejection(store.merge(generation, lower, taken), conflict)
      assert.deepEqual(await store.checkpoints(generation), [first, taken])
    },
  },
  {
    name: 'refuses segments that are no neighbours, and changes nothing',
    run: async (subject) => {
      const { store, generation } = subject
      const [lower] = await splitAt(subject, 1n)
      await store.split(generation, lower)
      const segments = await store.checkpoints(generation)
      const [first, second, third] = segments as [Checkpoint, Checkpoint, Checkpoint]
      await rejection(store.merge(generation, first, third), conflict)
      await rejection(store.merge(generation, second, first), conflict)
      assert.deepEqual(await store.checkpoints(generation), segments)
    },
  },
  {
    name: 'gives no segment an epoch it had before, over many splits and merges',
    run: async (subject) => {
      const { store, generation } = subject
      const seen = new Set<string>()
      await SampleRunner.start(subject)
      for (let round = 0; round < 3; round += 1) {
        await store.split(generation, await store.takeCheckpoint(generation))
        const lower = await store.takeCheckpoint(generation, lowerHalf)
        // One goes through many hands while the other stays.
        for (let takes = 0; takes < 3; takes += 1) await store.takeCheckpoint(generation, upperHalf)
        const [, upper] = (await store.checkpoints(generation)) as [Checkpoint, Checkpoint]
        for (const { id, epoch } of [lower, upper]) {
          assert.ok(!seen.has(`${id} ${epoch}`), `${id} has epoch ${epoch} again`)
          seen.add(`${id} ${epoch}`)
        }
        await store.merge(generation, lower, upper)
      }
    },
  },
  {
    name: 'keeps a worker out that held a segment before it was merged away and made again',
    run: async (subject) => {
      const { store, generation, model } = subject
      const [lower] = await splitAt(subject, 1n)
      const zombie = await SampleRunner.take(subject, upperHalf)
      await store.merge(generation, lower, zombie.checkpoint)
      await store.split(generation, await store.takeCheckpoint(generation))
      await rejection(zombie.commit([writeOf(model, { _id: 'a' }, 2n)]), conflict)
      await SampleRunner.take(subject, upperHalf)
    },
  },
  {
    name: 'merges neighbours that are no halves of one, which are then split and merged again',
    run: async (subject) => {
      const { store, generation } = subject
      const [lower, upper] = await splitAt(subject, 8n)
      await store.split(generation, lower)
      const [, second] = (await store.checkpoints(generation)) as [Checkpoint, Checkpoint]
      await store.merge(generation, second, upper)
      const wide = { first: second.slots.first, last: allSlots.last }
      const [first] = halvesOf(lowerHalf)
      assert.deepEqual(await rangesOf(store, generation), [first, wide])
      await store.split(generation, await store.takeCheckpoint(generation, wide))
      assert.deepEqual(await rangesOf(store, generation), [first, ...halvesOf(wide)])
      for (;;) {
        const [left, right] = await store.checkpoints(generation)
        if (!left || !right) break
        await store.merge(generation, left, right)
      }
      const whole = await onlyCheckpoint(store, generation)
      assert.deepEqual(whole?.slots, allSlots)
      assert.equal(whole.position, 8n)
    },
  },
]
