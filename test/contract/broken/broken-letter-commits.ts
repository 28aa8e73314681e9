import {
  checkpointId,
  type DeadLetter,
  type DeadLetterId,
  DeadLetterTooLargeError,
  type Generation,
  type ReadModelStore,
} from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { checkpointOf } from './checkpoint-of.ts'

const together = 'commit puts and removes letters together with the documents of the batch'
const dropsAll = 'drop removes every segment and every letter, and those of no other generation'

function idOf({ queue, event }: DeadLetter): DeadLetterId {
  return { queue, position: event.position }
}

async function lettersOf(
  store: ReadModelStore,
  generation: Generation,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = []
  const consumer = checkpointId(generation)
  for await (const page of store.deadLetters.list({ consumer })) letters.push(...page)
  return letters
}

/** Faults in what a commit does with letters, and a drop with segments and letters. */
export const brokenLetterCommits: readonly BrokenStore<ReadModelStore>[] = [
  {
    fault: 'moves the checkpoint but puts no letters',
    caughtBy: together,
    breaks: (store) => ({ commit: (commit) => store.commit({ ...commit, deadLetters: [] }) }),
  },
  {
    fault: 'settles no letters',
    caughtBy: together,
    breaks: (store) => ({ commit: (commit) => store.commit({ ...commit, settled: [] }) }),
  },
  {
    fault: 'moves the checkpoint but writes no documents beside letters',
    caughtBy: 'commit settles letters and mends documents where the checkpoint is already',
    breaks: (store) => ({
      commit: (commit) => store.commit(commit.settled ? { ...commit, writes: [] } : commit),
    }),
  },
  {
    fault: 'does nothing where the checkpoint is already',
    caughtBy: 'commit settles letters and mends documents where the checkpoint is already',
    breaks: (store) => ({
      commit: async (commit) =>
        commit.position === commit.from.position ? commit.from : store.commit(commit),
    }),
  },
  {
    fault: 'forgets at once what was given up and settled',
    caughtBy:
      'commit brings no letter back that was given up and settled, when a commit is made once more',
    breaks: (store) => ({
      commit: async (commit) => {
        await store.deadLetters.remove(commit.settled ?? [])
        return store.commit(commit)
      },
    }),
  },
  {
    fault: 'puts the letters of a refused commit',
    caughtBy: 'commit refuses a runner that lost the checkpoint, and leaves the letters alone',
    breaks: (store) => ({
      commit: async (commit) => {
        await store.deadLetters.put(commit.deadLetters ?? [])
        return store.commit(commit)
      },
    }),
  },
  {
    fault: 'settles the letters of a refused commit',
    caughtBy: 'commit refuses a runner that lost the checkpoint, and leaves the letters alone',
    breaks: (store) => ({
      commit: async (commit) => {
        await store.deadLetters.remove(commit.settled ?? [])
        return store.commit(commit)
      },
    }),
  },
  {
    fault: 'lets whoever comes settle letters where the checkpoint is already',
    caughtBy: 'commit refuses a runner that lost the checkpoint, and leaves the letters alone',
    breaks: (store) => ({
      commit: async (commit) => {
        const found = await checkpointOf(store, commit)
        const isThere = found?.position === commit.position
        return store.commit({ ...commit, from: isThere ? found : commit.from })
      },
    }),
  },
  {
    fault: 'puts letters before it sees that it must refuse a document',
    caughtBy: 'commit leaves the letters alone when it refuses a document',
    breaks: (store) => ({
      commit: async ({ deadLetters = [], ...commit }) => {
        const found = await checkpointOf(store, commit)
        if (found?.epoch === commit.from.epoch) await store.deadLetters.put(deadLetters)
        return store.commit({ ...commit, deadLetters })
      },
    }),
  },
  {
    fault: 'writes documents before it sees that a letter is too large',
    caughtBy: 'commit refuses a letter that is too large and writes nothing of the commit',
    breaks: (store) => ({
      commit: async (commit) => {
        try {
          return await store.commit(commit)
        } catch (error) {
          if (!(error instanceof DeadLetterTooLargeError)) throw error
          await store.commit({ ...commit, deadLetters: [] })
          throw error
        }
      },
    }),
  },
  {
    fault: 'drops the first segment only',
    caughtBy: dropsAll,
    breaks: (store) => {
      const left = new Map<string, Awaited<ReturnType<ReadModelStore['checkpoints']>>>()
      return {
        drop: async (generation, models) => {
          const [, ...others] = await store.checkpoints(generation)
          left.set(checkpointId(generation), others)
          await store.drop(generation, models)
        },
        checkpoints: async (generation) => [
          ...(await store.checkpoints(generation)),
          ...(left.get(checkpointId(generation)) ?? []),
        ],
      }
    },
  },
  {
    fault: 'keeps the letters of what is dropped',
    caughtBy: dropsAll,
    breaks: (store) => ({
      drop: async (generation, models) => {
        const letters = await lettersOf(store, generation)
        await store.drop(generation, models)
        await store.deadLetters.put(letters)
      },
    }),
  },
  {
    fault: 'drops the letters of generations whose numbers begin alike',
    caughtBy: dropsAll,
    breaks: (store) => ({
      drop: async (generation, models) => {
        await store.drop(generation, models)
        const alike = { ...generation, number: generation.number * 10 }
        await store.deadLetters.remove((await lettersOf(store, alike)).map(idOf))
      },
    }),
  },
]
