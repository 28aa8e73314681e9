import { type DeadLetter, type DeadLetterStore, DeadLetterTooLargeError } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { lettersOf } from './letters-of.ts'

/** Faults in adding and removing letters. */
export const brokenPuts: readonly BrokenStore<DeadLetterStore>[] = [
  {
    fault: 'forgets when a letter came that is put again',
    caughtBy: 'put replaces a letter of the same queue and position, and keeps when that came',
    breaks: (store) => ({
      put: async (letters) => {
        await store.remove(letters.map(({ queue, event }) => ({ queue, position: event.position })))
        await store.put(letters)
      },
    }),
  },
  {
    fault: 'keeps the first of two letters of one position',
    caughtBy: 'put replaces a letter of the same queue and position, and keeps when that came',
    breaks: (store) => ({
      put: async (letters) => {
        for (const letter of letters) {
          const known = await store.queue(letter.queue, 1_000)
          if (known.some(({ event }) => event.position === letter.event.position)) continue
          await store.put([letter])
        }
      },
    }),
  },
  {
    fault: 'lets a try that failed overrule what was said since',
    caughtBy: 'put leaves a letter as it is that somebody had tried again while it was tried',
    breaks: (store) => ({
      put: (letters) => store.put(letters.map((letter) => ({ ...letter, round: 1_000 }))),
    }),
  },
  {
    fault: 'counts no round for a letter that comes to the front',
    caughtBy: 'put leaves a letter due that came to the front when the one before was given up',
    breaks: (store) => ({
      put: async (letters) => {
        for (const letter of letters) {
          const [head, next] = await store.queue(letter.queue, 2)
          const isNext = head?.state === 'discarded' && next !== undefined
          await store.put([isNext ? { ...letter, round: next.round ?? 0 } : letter])
        }
      },
    }),
  },
  {
    fault: 'tries again what somebody gave up',
    caughtBy: 'put leaves a letter as it is that somebody gave up while it was tried',
    breaks: (store) => ({
      put: async (letters) => {
        for (const letter of letters) {
          const known = await store.queue(letter.queue, 1_000)
          const since = known.find(({ event }) => event.position === letter.event.position)?.since
          await store.remove([{ queue: letter.queue, position: letter.event.position }])
          await store.put([{ ...letter, since: since ?? letter.since }])
        }
      },
    }),
  },
  {
    fault: 'keeps one letter of an event',
    caughtBy: 'put keeps letters of one position in several queues apart',
    breaks: (store) => ({
      put: (letters) =>
        store.put([...new Map(letters.map((one) => [one.event.position, one])).values()]),
    }),
  },
  {
    fault: 'puts no more than a hundred letters',
    caughtBy: 'put takes no letters, and hundreds',
    breaks: (store) => ({ put: (letters) => store.put(letters.slice(0, 100)) }),
  },
  {
    fault: 'hands out the stored letter itself',
    caughtBy: 'put keeps letters of a copy of its own',
    breaks: (store) => {
      let first: readonly DeadLetter[] = []
      return {
        heads: async (filter) => (first = first.length > 0 ? first : await store.heads(filter)),
      }
    },
  },
  {
    fault: 'puts what comes before a letter that is too large',
    caughtBy: 'put refuses an event that is too large, and puts nothing',
    breaks: (store) => ({
      put: async (letters) => {
        try {
          await store.put(letters)
        } catch (error) {
          if (!(error instanceof DeadLetterTooLargeError)) throw error
          await store.put(letters.filter(({ event }) => event.position !== error.position))
          throw error
        }
      },
    }),
  },
  {
    fault: 'drops letters that are too large',
    caughtBy: 'put refuses an event that is too large, and puts nothing',
    breaks: (store) => ({
      put: (letters) =>
        store.put(letters.filter(({ event }) => JSON.stringify(event.data).length < 1_000_000)),
    }),
  },
  {
    fault: 'removes the letters of a position from all queues',
    caughtBy: 'remove removes what it names and nothing else, and passes over what is gone',
    breaks: (store) => ({
      remove: async (letters) => {
        for (const { queue, position } of letters) {
          const found = await lettersOf(store, { consumer: queue.consumer })
          await store.remove(found.map((one) => ({ queue: one.queue, position })))
        }
      },
    }),
  },
  {
    fault: 'removes the letters that stand behind, too',
    caughtBy: 'remove removes what it names and nothing else, and passes over what is gone',
    breaks: (store) => ({
      remove: async (letters) => {
        for (const { queue, position } of letters) {
          const behind = (await store.queue(queue, 1_000)).filter(
            ({ event }) => event.position >= position,
          )
          await store.remove(behind.map(({ event }) => ({ queue, position: event.position })))
        }
      },
    }),
  },
  {
    fault: 'clears every consumer whose name begins alike',
    caughtBy: 'clear removes the letters of one consumer in any state, and of no other',
    breaks: (store) => ({
      clear: async (consumer) => {
        await store.clear(consumer)
        await store.clear(`${consumer}0`)
      },
    }),
  },
  {
    fault: 'clears what is listed',
    caughtBy: 'clear removes the letters of one consumer in any state, and of no other',
    breaks: (store) => ({
      clear: async (consumer) => {
        for await (const page of store.list({ consumer }))
          await store.remove(page.map(({ queue, event }) => ({ queue, position: event.position })))
      },
    }),
  },
]
