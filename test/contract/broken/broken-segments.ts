import {
  allSlots,
  type Checkpoint,
  checkpointId,
  CheckpointConflictError,
  halvesOf,
  type ReadModelStore,
  SegmentGoneError,
} from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { checkpointOf } from './checkpoint-of.ts'
import { EpochShifts } from './epoch-shifts.ts'

type Broken = BrokenStore<ReadModelStore>

const wholeSplits =
  'split refuses the worker of the whole from then on, and lets each half go its own way'

/** Faults in taking one of several segments, and in listing them. */
const brokenTakes: readonly Broken[] = [
  {
    fault: 'opens a whole beside the segments of a split one',
    caughtBy: 'takeCheckpoint never opens a second whole beside the segments of a split one',
    breaks: (store) => ({
      takeCheckpoint: async (generation, slots = allSlots) => {
        const [first] = await store.checkpoints(generation)
        const isOpening = slots.first === allSlots.first && slots.last === allSlots.last
        if (!first || !isOpening) return store.takeCheckpoint(generation, slots)
        return { ...(await store.takeCheckpoint(generation, first.slots)), slots }
      },
    }),
  },
  {
    fault: 'gives whoever asks for slots that are no segment the one they are in',
    caughtBy: 'takeCheckpoint refuses slots that are no segment, and makes none of them',
    breaks: (store) => ({
      takeCheckpoint: async (generation, slots = allSlots) => {
        const found = await store.checkpoints(generation)
        const holder = found.find(({ slots: { last } }) => slots.first <= last)
        return store.takeCheckpoint(generation, holder?.slots ?? slots)
      },
    }),
  },
  {
    fault: 'opens a generation at the slots it is asked for',
    caughtBy: 'takeCheckpoint refuses slots that are no segment, and makes none of them',
    breaks: (store) => ({
      takeCheckpoint: async (generation, slots) => {
        const found = await store.checkpoints(generation)
        return store.takeCheckpoint(generation, found.length === 0 ? allSlots : slots)
      },
    }),
  },
  {
    fault: 'takes all segments over when one is taken',
    caughtBy: 'takeCheckpoint raises the epoch of one segment and leaves the others alone',
    breaks: (store) => ({
      takeCheckpoint: async (generation, slots = allSlots) => {
        const taken = await store.takeCheckpoint(generation, slots)
        for (const { id, slots: others } of await store.checkpoints(generation))
          if (id !== taken.id) await store.takeCheckpoint(generation, others)
        return taken
      },
    }),
  },
  {
    fault: 'lists segments in no order',
    caughtBy: 'split makes two halves at the position of the whole, both with a new epoch',
    breaks: (store) => ({
      checkpoints: async (generation) => (await store.checkpoints(generation)).toReversed(),
    }),
  },
  {
    fault: 'lists the first segment only',
    caughtBy: 'split makes two halves at the position of the whole, both with a new epoch',
    breaks: (store) => ({
      checkpoints: async (generation) => (await store.checkpoints(generation)).slice(0, 1),
    }),
  },
  {
    fault: 'moves all segments when one is committed',
    caughtBy: wholeSplits,
    breaks: (store) => ({
      commit: async (commit) => {
        const { generation, position } = commit
        const moved = await store.commit(commit)
        for (const from of await store.checkpoints(generation))
          if (from.id !== moved.id) await store.commit({ generation, writes: [], from, position })
        return moved
      },
    }),
  },
]

/** Faults in making two segments of one. */
const brokenSplits: readonly Broken[] = [
  {
    fault: 'starts the upper half from nothing',
    caughtBy: 'split makes two halves at the position of the whole, both with a new epoch',
    breaks: (store) => ({
      checkpoints: async (generation) => {
        const found = await store.checkpoints(generation)
        return found.map((one) => (one.slots.first > 0 ? { ...one, position: undefined } : one))
      },
    }),
  },
  {
    fault: 'lets the worker of the whole go on with the lower half',
    caughtBy: wholeSplits,
    breaks: (store) => {
      const split = new Map<string, Checkpoint>()
      return {
        split: async (generation, checkpoint) => {
          await store.split(generation, checkpoint)
          split.set(checkpoint.id, checkpoint)
        },
        commit: async (commit) => {
          const isOfWhole = split.get(commit.from.id)?.epoch === commit.from.epoch
          const current = isOfWhole ? await checkpointOf(store, commit) : undefined
          return store.commit({ ...commit, from: current ?? commit.from })
        },
      }
    },
  },
  {
    fault: 'splits for whoever asks',
    caughtBy: 'split refuses a worker that lost the segment or is elsewhere, and changes nothing',
    breaks: (store) => ({
      split: async (generation, from) =>
        store.split(generation, (await checkpointOf(store, { generation, from })) ?? from),
    }),
  },
  {
    fault: 'makes the upper half anew before it sees that the segment was split already',
    caughtBy: 'split refuses a worker whose segment was split and taken since, and changes nothing',
    breaks: (store) => ({
      split: async (generation, checkpoint) => {
        const [, upper] = halvesOf(checkpoint.slots)
        const found = await store.checkpoints(generation)
        const isThere = found.some(({ id }) => id === checkpointId(generation, upper))
        if (isThere) await store.takeCheckpoint(generation, upper)
        await store.split(generation, checkpoint)
      },
    }),
  },
  {
    fault: 'looks who holds a segment before it splits it, not while it splits it',
    caughtBy: 'split comes to two halves however many ask for them at once',
    breaks: (store) => ({
      split: async (generation, from) => {
        const found = await checkpointOf(store, { generation, from })
        if (found?.epoch !== from.epoch || found.position !== from.position)
          throw new CheckpointConflictError(from, found)
        await Promise.resolve()
        await store.split(generation, from).catch(async () => {
          const current = await checkpointOf(store, { generation, from })
          await store.split(generation, current ?? from)
        })
      },
    }),
  },
  {
    fault: 'takes slots away from generations whose numbers begin alike',
    caughtBy: 'split leaves other generations alone, whose numbers begin alike',
    breaks: (store) => ({
      checkpoints: async (generation) => {
        const own = await store.checkpoints(generation)
        const alike = await store.checkpoints({ ...generation, number: generation.number * 10 })
        return [...own, ...alike]
      },
    }),
  },
  {
    fault: 'fails to split a segment of one slot',
    caughtBy: 'split leaves a segment of one slot as it is',
    breaks: (store) => ({
      split: async (generation, checkpoint) => {
        const { first, last } = checkpoint.slots
        if (first === last) throw new SegmentGoneError(checkpoint.id, checkpoint.slots)
        await store.split(generation, checkpoint)
      },
    }),
  },
]

/** Faults in making one segment of two. */
const brokenMerges: readonly Broken[] = [
  {
    fault: 'merges segments at different positions at the higher one',
    caughtBy: 'merge refuses segments at different positions, and changes nothing',
    breaks: (store) => ({
      merge: async (generation, lower, upper) => {
        const position = upper.position ?? 0n
        const isBehind = (lower.position ?? -1n) < position
        const commit = { generation, writes: [], from: lower, position }
        await store.merge(generation, isBehind ? await store.commit(commit) : lower, upper)
      },
    }),
  },
  {
    fault: 'looks who holds the lower segment, not who holds the upper one',
    caughtBy: 'merge refuses a worker that lost one of the two, and changes nothing',
    breaks: (store) => ({
      merge: async (generation, lower, upper) => {
        const current = await checkpointOf(store, { generation, from: upper })
        await store.merge(generation, lower, current ?? upper)
      },
    }),
  },
  {
    fault: 'looks who holds the upper segment, not who holds the lower one',
    caughtBy: 'merge refuses a worker that lost one of the two, and changes nothing',
    breaks: (store) => ({
      merge: async (generation, lower, upper) => {
        const current = await checkpointOf(store, { generation, from: lower })
        await store.merge(generation, current ?? lower, upper)
      },
    }),
  },
  {
    fault: 'takes segments over before it sees that they are no neighbours',
    caughtBy: 'merge refuses segments that are no neighbours, and changes nothing',
    breaks: (store) => ({
      merge: async (generation, lower, upper) => {
        if (lower.slots.last + 1 !== upper.slots.first)
          await store.takeCheckpoint(generation, lower.slots)
        await store.merge(generation, lower, upper)
      },
    }),
  },
  {
    fault: 'gives the whole the next epoch of the lower segment',
    caughtBy:
      'merge makes one segment of two neighbours, at their position and with an epoch above both',
    breaks: (store) => {
      const shifts = new EpochShifts(store)
      return {
        ...shifts.methods,
        merge: async (generation, lower, upper) => {
          await shifts.methods.merge(generation, lower, upper)
          await shifts.restart({ generation, from: lower }, lower.epoch + 1n)
        },
      }
    },
  },
  {
    fault: 'starts the epochs of an upper half again',
    caughtBy: 'merge gives no segment an epoch it had before, over many splits and merges',
    breaks: (store) => {
      const shifts = new EpochShifts(store)
      return {
        ...shifts.methods,
        split: async (generation, checkpoint) => {
          await shifts.methods.split(generation, checkpoint)
          const [, upper] = halvesOf(checkpoint.slots)
          const from = { ...checkpoint, id: checkpointId(generation, upper) }
          await shifts.restart({ generation, from }, 1n)
        },
      }
    },
  },
  {
    fault: 'lets the worker of a merged segment come back when it is made again',
    caughtBy:
      'merge keeps a worker out that held a segment before it was merged away and made again',
    breaks: (store) => ({
      commit: async (commit) => {
        const current = await checkpointOf(store, commit)
        const isUpper = commit.from.slots.first > 0
        return store.commit({ ...commit, from: (isUpper && current) || commit.from })
      },
    }),
  },
  {
    fault: 'merges halves of one segment only',
    caughtBy:
      'merge merges neighbours that are no halves of one, which are then split and merged again',
    breaks: (store) => ({
      merge: async (generation, lower, upper) => {
        const whole = { first: lower.slots.first, last: upper.slots.last }
        if (halvesOf(whole)[0].last !== lower.slots.last)
          throw new CheckpointConflictError(upper, upper)
        await store.merge(generation, lower, upper)
      },
    }),
  },
]

/** Faults in splitting, merging and taking segments. */
export const brokenSegments: readonly Broken[] = [...brokenTakes, ...brokenSplits, ...brokenMerges]
