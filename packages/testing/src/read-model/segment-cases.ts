import assert from 'node:assert/strict'
import {
  allSlots,
  type Checkpoint,
  checkpointId,
  type Generation,
  halvesOf,
  type ReadModelStore,
  type SlotRange,
} from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { assertCodes, outcomes, rejection } from '../contract/expectations.ts'
import {
  onlyCheckpoint,
  type ReadModelStoreSubject,
  SampleRunner,
  writeOf,
} from './read-model-store-subject.ts'

type Case = ContractCase<ReadModelStoreSubject>

const conflict = 'CHECKPOINT_CONFLICT'
const gone = 'SEGMENT_GONE'
const [lowerHalf, upperHalf] = halvesOf(allSlots)

/** The slots of each segment, in order. */
export async function rangesOf(
  store: ReadModelStore,
  generation: Generation,
): Promise<readonly SlotRange[]> {
  return (await store.checkpoints(generation)).map(({ slots }) => slots)
}

/** Commits up to a position and splits. Returns the halves as they are stored. */
export async function splitAt(
  subject: ReadModelStoreSubject,
  position: bigint,
): Promise<readonly [Checkpoint, Checkpoint]> {
  const { store, generation } = subject
  const runner = await SampleRunner.start(subject)
  await runner.commit([], position)
  await store.split(generation, runner.checkpoint)
  return (await store.checkpoints(generation)) as [Checkpoint, Checkpoint]
}

/** Making two segments of one. */
export const splitCases: readonly Case[] = [
  {
    name: 'makes two halves at the position of the whole, both with a new epoch',
    run: async (subject) => {
      const { store, generation } = subject
      const runner = await SampleRunner.start(subject)
      await runner.commit([], 7n)
      await store.split(generation, runner.checkpoint)
      const halves = await store.checkpoints(generation)
      assert.deepEqual(
        halves.map(({ id, slots, position }) => ({ id, slots, position })),
        [lowerHalf, upperHalf].map((slots) => ({
          id: checkpointId(generation, slots),
          slots,
          position: 7n,
        })),
      )
      for (const { epoch } of halves) assert.ok(epoch > runner.checkpoint.epoch)
    },
  },
  {
    name: 'splits a generation nobody wrote yet, and halves again',
    run: async (subject) => {
      const { store, generation } = subject
      const { checkpoint } = await SampleRunner.start(subject)
      await store.split(generation, checkpoint)
      for (const slots of [upperHalf, lowerHalf])
        await store.split(generation, await store.takeCheckpoint(generation, slots))
      const found = await store.checkpoints(generation)
      assert.deepEqual(
        found.map(({ slots }) => slots),
        [...halvesOf(lowerHalf), ...halvesOf(upperHalf)],
      )
      assert.ok(found.every(({ position }) => position === undefined))
    },
  },
  {
    name: 'refuses the worker of the whole from then on, and lets each half go its own way',
    run: async (subject) => {
      const { store, generation, model } = subject
      const whole = await SampleRunner.start(subject)
      await whole.commit([], 1n)
      await store.split(generation, whole.checkpoint)
      await rejection(whole.commit([writeOf(model, { _id: 'a' }, 2n)]), conflict)
      const lower = await SampleRunner.take(subject, lowerHalf)
      const upper = await SampleRunner.take(subject, upperHalf)
      await upper.commit([writeOf(model, { _id: 'b' }, 5n)])
      await lower.commit([writeOf(model, { _id: 'a' }, 3n)])
      await upper.commit([], 9n)
      assert.deepEqual(await store.checkpoints(generation), [lower.checkpoint, upper.checkpoint])
      const loaded = await store.load(generation, model, ['a', 'b'])
      assert.deepEqual([...loaded.keys()].toSorted(), ['a', 'b'])
    },
  },
  {
    name: 'refuses a worker that lost the segment or is elsewhere, and changes nothing',
    run: async (subject) => {
      const { store, generation } = subject
      const zombie = await SampleRunner.start(subject)
      const runner = await SampleRunner.start(subject)
      await rejection(store.split(generation, zombie.checkpoint), conflict)
      const before = runner.checkpoint
      await runner.commit([], 3n)
      await rejection(store.split(generation, before), conflict)
      assert.deepEqual(await store.checkpoints(generation), [runner.checkpoint])
      await runner.commit([], 4n)
    },
  },
  {
    name: 'refuses a worker whose segment was split and taken since, and changes nothing',
    run: async (subject) => {
      const { store, generation } = subject
      const zombie = await SampleRunner.start(subject)
      await zombie.commit([], 1n)
      await store.split(generation, zombie.checkpoint)
      const upper = await SampleRunner.take(subject, upperHalf)
      const lower = await SampleRunner.take(subject, lowerHalf)
      await upper.commit([], 2n)
      await rejection(store.split(generation, zombie.checkpoint), conflict)
      assert.deepEqual(await store.checkpoints(generation), [lower.checkpoint, upper.checkpoint])
      await upper.commit([], 3n)
    },
  },
  {
    name: 'comes to two halves however many ask for them at once',
    run: async (subject) => {
      const { store, generation } = subject
      const { checkpoint } = await SampleRunner.start(subject)
      const racers = Array.from({ length: 4 }, () => store.split(generation, checkpoint))
      const { values, errors } = await outcomes(racers)
      assert.ok(values.length > 0, 'nobody could split')
      assertCodes(errors, conflict)
      assert.deepEqual(await rangesOf(store, generation), [lowerHalf, upperHalf])
    },
  },
  {
    name: 'leaves a segment of one slot as it is',
    run: async (subject) => {
      const { store, generation } = subject
      const { checkpoint } = await SampleRunner.start(subject)
      let first = checkpoint
      while (first.slots.last > 0) {
        await store.split(generation, first)
        first = await store.takeCheckpoint(generation, halvesOf(first.slots)[0])
      }
      const before = await rangesOf(store, generation)
      await store.split(generation, first)
      assert.deepEqual(await rangesOf(store, generation), before)
    },
  },
  {
    name: 'leaves other generations alone, whose numbers begin alike',
    run: async (subject) => {
      const { store, generation } = subject
      const others: Generation[] = [
        { ...generation, number: 10 },
        { ...generation, version: 11 },
      ]
      for (const other of others) await store.takeCheckpoint(other)
      await splitAt(subject, 1n)
      for (const other of others)
        assert.deepEqual((await onlyCheckpoint(store, other))?.slots, allSlots)
      const [tenth] = others as [Generation]
      await store.split(tenth, await store.takeCheckpoint(tenth))
      assert.deepEqual(await rangesOf(store, generation), [lowerHalf, upperHalf])
    },
  },
]

/** Taking over one of several segments. */
export const takeSegmentCases: readonly Case[] = [
  {
    name: 'raises the epoch of one segment and leaves the others alone',
    run: async (subject) => {
      const { store, generation } = subject
      const [lower, upper] = await splitAt(subject, 4n)
      const taken = await store.takeCheckpoint(generation, upperHalf)
      assert.ok(taken.epoch > upper.epoch)
      assert.deepEqual(taken, { ...upper, epoch: taken.epoch })
      assert.deepEqual(await store.checkpoints(generation), [lower, taken])
    },
  },
  {
    name: 'refuses slots that are no segment, and makes none of them',
    run: async (subject) => {
      const { store, generation } = subject
      await rejection(store.takeCheckpoint(generation, lowerHalf), gone)
      await rejection(store.takeCheckpoint(generation, upperHalf), gone)
      assert.deepEqual(await store.checkpoints(generation), [])
      await splitAt(subject, 1n)
      const [quarter] = halvesOf(lowerHalf)
      const [third] = halvesOf(upperHalf)
      for (const slots of [quarter, third, allSlots])
        await rejection(store.takeCheckpoint(generation, slots), gone)
      assert.deepEqual(await rangesOf(store, generation), [lowerHalf, upperHalf])
    },
  },
  {
    name: 'never opens a second whole beside the segments of a split one',
    run: async (subject) => {
      const { store, generation } = subject
      const halves = await splitAt(subject, 6n)
      await rejection(store.takeCheckpoint(generation), gone)
      assert.deepEqual(await store.checkpoints(generation), halves)
    },
  },
]
