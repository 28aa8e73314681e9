import type { DeadLetterStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { lettersOf } from './letters-of.ts'

const farFuture = new Date('2200-01-01')
const retriesOldest =
  'retry has the oldest letter of each queue tried at once, as often as a new one'

/** Faults in saying what is to become of letters. */
export const brokenVerdicts: readonly BrokenStore<DeadLetterStore>[] = [
  {
    fault: 'retries every letter of a queue',
    caughtBy: retriesOldest,
    breaks: (store) => ({
      retry: async (filter) => {
        const found = await lettersOf(store, filter)
        const open = found.filter(({ state }) => state !== 'discarded')
        await store.put(open.map((one) => ({ ...one, state: 'retrying', dueAt: new Date() })))
        return store.retry(filter)
      },
    }),
  },
  {
    fault: 'retries dead letters only',
    caughtBy: retriesOldest,
    breaks: (store) => ({
      retry: async (filter) => {
        const dead = (await store.heads(filter)).filter(({ state }) => state === 'dead')
        for (const { queue } of dead) {
          const { consumer, model, key } = queue
          await store.retry({ consumer, key, ...(model !== undefined && { model }) })
        }
        return dead.length
      },
    }),
  },
  {
    fault: 'counts the tries of a letter that is tried again on',
    caughtBy: retriesOldest,
    breaks: (store) => ({
      retry: async (filter) => {
        const count = await store.retry(filter)
        const heads = await store.heads(filter)
        await store.put(heads.map((one) => ({ ...one, attempts: 2 })))
        return count
      },
    }),
  },
  {
    fault: 'has letters tried again when they would have been',
    caughtBy: retriesOldest,
    breaks: (store) => ({
      retry: async (filter) => {
        const count = await store.retry(filter)
        const heads = await store.heads(filter)
        const retrying = heads.filter(({ state }) => state === 'retrying')
        await store.put(retrying.map((one) => ({ ...one, dueAt: farFuture })))
        return count
      },
    }),
  },
  {
    fault: 'retries the letters of all models',
    caughtBy: 'retry keeps to what it is asked for, and says how many queues that were',
    breaks: (store) => ({ retry: ({ consumer }) => store.retry({ consumer }) }),
  },
  {
    fault: 'leaves what stands behind a discarded letter waiting',
    caughtBy: 'discard gives up one letter, and has the next of its queue tried at once',
    breaks: (store) => ({
      discard: async (filter, position) => {
        const found = await lettersOf(store, filter)
        const meant = found.filter(
          ({ state, event }) =>
            state !== 'discarded' && event.position === (position ?? event.position),
        )
        await store.put(meant.map((one) => ({ ...one, state: 'discarded', dueAt: undefined })))
        return meant.length
      },
    }),
  },
  {
    fault: 'removes what is discarded',
    caughtBy: 'discard gives up one letter, and has the next of its queue tried at once',
    breaks: (store) => ({
      discard: async (filter, position) => {
        const count = await store.discard(filter, position)
        const found = await lettersOf(store, filter)
        const given = found.filter(({ state }) => state === 'discarded')
        await store.remove(given.map(({ queue, event }) => ({ queue, position: event.position })))
        return count
      },
    }),
  },
  {
    fault: 'discards all letters of a queue for one',
    caughtBy: 'discard gives up one letter, and has the next of its queue tried at once',
    breaks: (store) => ({ discard: (filter) => store.discard(filter) }),
  },
  {
    fault: 'has the oldest letter tried at once when one behind it is discarded',
    caughtBy: 'discard leaves the oldest letter as it is when one behind it is given up',
    breaks: (store) => ({
      discard: async (filter, position) => {
        const count = await store.discard(filter, position)
        if (count > 0) await store.retry(filter)
        return count
      },
    }),
  },
  {
    fault: 'counts again what was discarded before',
    caughtBy: 'discard gives up everything that matches, and counts each letter once',
    breaks: (store) => ({
      discard: async (filter, position) => {
        await store.discard(filter, position)
        const found = await lettersOf(store, filter)
        return found.filter(({ event }) => event.position === (position ?? event.position)).length
      },
    }),
  },
]
