import { type DeadLetter, type DeadLetterFilter, type DeadLetterStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { brokenPuts } from './broken-letter-puts.ts'
import { brokenVerdicts } from './broken-letter-verdicts.ts'
import { lettersOf } from './letters-of.ts'

type Broken = BrokenStore<DeadLetterStore>

/** Changes what is listed. */
function listing(
  change: (letters: readonly DeadLetter[]) => readonly DeadLetter[],
): (store: DeadLetterStore) => Partial<DeadLetterStore> {
  return (store) => ({
    list: async function* (filter) {
      for await (const page of store.list(filter)) yield change(page)
    },
  })
}

function unslotted({ consumer, model, key }: DeadLetterFilter): DeadLetterFilter {
  return { consumer, ...(model !== undefined && { model }), ...(key !== undefined && { key }) }
}

/** Faults in reading letters. */
const brokenReads: readonly Broken[] = [
  {
    fault: 'makes text of what an event holds',
    caughtBy: 'list yields everything a letter says, as it was put',
    breaks: listing((letters) =>
      letters.map((letter) => ({
        ...letter,
        event: { ...letter.event, data: JSON.stringify(letter.event.data) },
      })),
    ),
  },
  {
    fault: 'reads text as JSON',
    caughtBy: 'queue returns no more than it is asked for, and whole letters',
    breaks: (store) => ({
      queue: async (queue, limit) => {
        const letters = await store.queue(queue, limit)
        return letters.map((letter) => {
          const { data } = letter.event
          return typeof data === 'string'
            ? { ...letter, event: { ...letter.event, data: { text: data } } }
            : letter
        })
      },
    }),
  },
  {
    fault: 'reads positions as JavaScript numbers',
    caughtBy: 'list yields everything a letter says, as it was put',
    breaks: listing((letters) =>
      letters.map((letter) => ({
        ...letter,
        event: { ...letter.event, position: BigInt(Number(letter.event.position)) },
      })),
    ),
  },
  {
    fault: 'forgets how far an event handler is with an event',
    caughtBy: 'list yields everything a letter says, as it was put',
    breaks: listing((letters) => letters.map(({ delivery: _delivery, ...letter }) => letter)),
  },
  {
    fault: 'yields the newest letter of a queue first',
    caughtBy: 'list yields letters by model, key and event, without those that were discarded',
    breaks: listing((letters) => letters.toReversed()),
  },
  {
    fault: 'yields what was discarded',
    caughtBy: 'list yields letters by model, key and event, without those that were discarded',
    breaks: (store) => ({
      list: async function* (filter) {
        yield await lettersOf(store, filter)
      },
    }),
  },
  {
    fault: 'yields the letters of all slots',
    caughtBy: 'list keeps to the model, the key and the slots it is asked for',
    breaks: (store) => ({ list: (filter) => store.list(unslotted(filter)) }),
  },
  {
    fault: 'yields the letters of all models',
    caughtBy: 'list keeps to the model, the key and the slots it is asked for',
    breaks: (store) => ({ list: ({ model: _model, ...filter }) => store.list(filter) }),
  },
  {
    fault: 'yields the letters of all streams',
    caughtBy: 'list keeps to the stream it is asked for, whatever queue its letters are in',
    breaks: (store) => ({ list: ({ stream: _stream, ...filter }) => store.list(filter) }),
  },
  {
    fault: 'yields one page of letters',
    caughtBy: 'list yields hundreds of letters, and nothing where there are none',
    breaks: (store) => ({
      list: async function* (filter) {
        for await (const page of store.list(filter)) {
          yield page
          return
        }
      },
    }),
  },
  {
    fault: 'counts what was discarded',
    caughtBy: 'count counts what a filter means, without what was discarded',
    breaks: (store) => ({ count: async (filter) => (await lettersOf(store, filter)).length }),
  },
  {
    fault: 'counts queues',
    caughtBy: 'count counts what a filter means, without what was discarded',
    breaks: (store) => ({ count: async (filter) => (await store.heads(filter)).length }),
  },
  {
    fault: 'passes over queues whose oldest letter was discarded',
    caughtBy: 'heads returns the oldest letter of each queue, whatever is to become of it',
    breaks: (store) => ({
      heads: async (filter) =>
        (await store.heads(filter)).filter(({ state }) => state !== 'discarded'),
    }),
  },
  {
    fault: 'has the newest letter at the head of a queue',
    caughtBy: 'heads returns the oldest letter of each queue, whatever is to become of it',
    breaks: (store) => ({
      heads: async (filter) => {
        const letters = await lettersOf(store, filter)
        return [...new Map(letters.map((one) => [JSON.stringify(one.queue), one])).values()]
      },
    }),
  },
  {
    fault: 'returns the heads of all slots',
    caughtBy:
      'heads keeps to the slots it is asked for, and returns nothing where there are no letters',
    breaks: (store) => ({ heads: (filter) => store.heads(unslotted(filter)) }),
  },
  {
    fault: 'leaves out of a queue what was discarded',
    caughtBy: 'queue returns the letters of one queue, discarded ones included, oldest first',
    breaks: (store) => ({
      queue: async (...call) =>
        (await store.queue(...call)).filter(({ state }) => state !== 'discarded'),
    }),
  },
  {
    fault: 'returns more of a queue than it is asked for',
    caughtBy: 'queue returns no more than it is asked for, and whole letters',
    breaks: (store) => ({ queue: (queue) => store.queue(queue, 1_000) }),
  },
  {
    fault: 'takes a queue without a model for that of any model',
    caughtBy: 'queue returns the letters of one queue, discarded ones included, oldest first',
    breaks: (store) => ({
      queue: async (queue, limit) => {
        const found = await lettersOf(store, { consumer: queue.consumer, key: queue.key })
        const own = found.filter(({ queue: { model } }) => model === (queue.model ?? model))
        return own.slice(0, limit)
      },
    }),
  },
]

/** Faults of a dead-letter store. */
export const brokenLetters: readonly Broken[] = [...brokenReads, ...brokenPuts, ...brokenVerdicts]
