import assert from 'node:assert/strict'
import type { DeadLetter } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { rejection } from '../contract/expectations.ts'
import {
  type DeadLetterStoreSubject,
  farFuture,
  letterOf,
  listed,
  namesOf,
  queueOf,
} from './dead-letter-store-subject.ts'

type Case = ContractCase<DeadLetterStoreSubject>

/** One queue of letters in the states they are given, from position 1 on. */
async function putQueue(
  { store, consumer }: DeadLetterStoreSubject,
  key: string,
  states: readonly DeadLetter['state'][],
): Promise<void> {
  const letters = states.map((state, index) =>
    letterOf({ consumer, model: 'm', key, position: BigInt(index + 1), state }),
  )
  await store.put(letters)
}

async function statesOf(
  { store, consumer }: DeadLetterStoreSubject,
  key: string,
): Promise<readonly string[]> {
  const letters = await store.queue(queueOf(consumer, 'm', key), 100)
  return letters.map(({ state }) => state)
}

function assertDueNow(letter: DeadLetter | undefined): void {
  assert.equal(letter?.state, 'retrying')
  assert.equal(letter.attempts, 0)
  assert.ok(letter.dueAt && letter.dueAt < farFuture, 'the letter is not due')
}

/** Adding letters. */
export const putCases: readonly Case[] = [
  {
    name: 'replaces a letter of the same queue and position, and keeps when that came',
    run: async ({ store, consumer }) => {
      const first = letterOf({ consumer, model: 'm', key: 'k', position: 5n, state: 'retrying' })
      await store.put([first])
      const again = { ...letterOf({ consumer, model: 'm', key: 'k', position: 5n }), slot: 1 }
      const later = { ...again, state: 'dead' as const, attempts: 6, since: new Date(2_000) }
      await store.put([later])
      await store.put([later])
      assert.deepEqual(await listed(store, { consumer }), [{ ...later, since: first.since }])
    },
  },
  {
    name: 'leaves a letter as it is that somebody gave up while it was tried',
    run: async ({ store, consumer }) => {
      const tried = letterOf({ consumer, model: 'm', key: 'k', position: 5n, state: 'retrying' })
      await store.put([tried])
      await store.discard({ consumer })
      await store.put([{ ...tried, attempts: 2 }])
      const [left] = await store.queue(tried.queue, 1)
      assert.deepEqual([left?.state, left?.attempts], ['discarded', tried.attempts])
      assert.equal(await store.count({ consumer }), 0)
    },
  },
  {
    name: 'leaves a letter as it is that somebody had tried again while it was tried',
    run: async ({ store, consumer }) => {
      const first = letterOf({ consumer, model: 'm', key: 'k', position: 5n, state: 'retrying' })
      await store.put([first])
      for (let round = 1; round <= 2; round += 1) {
        const [tried] = await store.queue(first.queue, 1)
        assert.ok(tried, 'the letter is gone')
        await store.retry({ consumer })
        await store.put([{ ...tried, state: 'dead', attempts: 6, dueAt: undefined }])
        const [found] = await store.queue(first.queue, 1)
        assertDueNow(found)
      }
      const [again] = await store.queue(first.queue, 1)
      await store.put([{ ...(again as DeadLetter), state: 'dead', attempts: 1, dueAt: undefined }])
      const [failed] = await store.queue(first.queue, 1)
      assert.deepEqual([failed?.state, failed?.attempts], ['dead', 1])
    },
  },
  {
    name: 'leaves a letter due that came to the front when the one before was given up',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['dead', 'waiting'])
      const [, waiting] = await store.queue(queueOf(consumer, 'm', 'k'), 2)
      await store.discard({ consumer }, 1n)
      await store.put([waiting as DeadLetter])
      assert.deepEqual(await statesOf(subject, 'k'), ['discarded', 'retrying'])
    },
  },
  {
    name: 'keeps letters of one position in several queues apart',
    run: async ({ store, consumer }) => {
      const queues = [
        { model: 'm', key: 'k' },
        { model: 'n', key: 'k' },
        { model: 'm', key: 'l' },
        { key: 'k' },
        { model: 'm"', key: ',"k' },
      ]
      await store.put(queues.map((queue) => letterOf({ consumer, ...queue, position: 1n })))
      assert.equal(await store.count({ consumer }), 5)
    },
  },
  {
    name: 'takes no letters, and hundreds',
    run: async ({ store, consumer }) => {
      await store.put([])
      const letters = Array.from({ length: 500 }, (_, n) =>
        letterOf({ consumer, model: 'm', key: `k${n}`, position: 1n }),
      )
      await store.put(letters)
      assert.equal(await store.count({ consumer }), 500)
    },
  },
  {
    name: 'keeps letters of a copy of its own',
    run: async ({ store, consumer }) => {
      const data = { lines: [1] }
      await store.put([letterOf({ consumer, key: 'k', position: 1n, event: { data } })])
      data.lines.push(2)
      const load = async (): Promise<{ lines: number[] }> =>
        (await store.heads({ consumer }))[0]?.event.data as { lines: number[] }
      ;(await load()).lines.push(3)
      assert.deepEqual(await load(), { lines: [1] })
    },
  },
  {
    name: 'refuses an event that is too large, and puts nothing',
    run: async ({ store, consumer }) => {
      const data = { text: 'x'.repeat(17 * 1024 * 1024) }
      const small = letterOf({ consumer, key: 'k', position: 1n })
      const large = letterOf({ consumer, key: 'k', position: 2n, event: { data } })
      await rejection(store.put([small, large]), 'DEAD_LETTER_TOO_LARGE')
      assert.equal(await store.count({ consumer }), 0)
    },
  },
]

/** Removing letters. */
export const removeCases: readonly Case[] = [
  {
    name: 'removes what it names and nothing else, and passes over what is gone',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['retrying', 'waiting', 'waiting'])
      await putQueue(subject, 'l', ['dead', 'waiting'])
      const ids = [1n, 3n, 9n].map((position) => ({
        queue: queueOf(consumer, 'm', 'k'),
        position,
      }))
      await store.remove([...ids, { queue: queueOf(consumer, undefined, 'l'), position: 1n }])
      const left = ['m/k@2 waiting', 'm/l@1 dead', 'm/l@2 waiting']
      assert.deepEqual(namesOf(await listed(store, { consumer })), left)
      await store.remove(ids)
      await store.remove([])
      assert.equal(await store.count({ consumer }), 3)
    },
  },
]

/** Saying that letters are to be tried again. */
export const retryCases: readonly Case[] = [
  {
    name: 'has the oldest letter of each queue tried at once, as often as a new one',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'dead', ['dead', 'waiting', 'waiting'])
      await putQueue(subject, 'later', ['retrying', 'waiting'])
      await putQueue(subject, 'open', ['discarded', 'waiting', 'waiting'])
      await putQueue(subject, 'done', ['discarded'])
      assert.equal(await store.retry({ consumer }), 3)
      assert.deepEqual(await statesOf(subject, 'dead'), ['retrying', 'waiting', 'waiting'])
      assert.deepEqual(await statesOf(subject, 'later'), ['retrying', 'waiting'])
      assert.deepEqual(await statesOf(subject, 'open'), ['discarded', 'retrying', 'waiting'])
      assert.deepEqual(await statesOf(subject, 'done'), ['discarded'])
      const all = await listed(store, { consumer })
      for (const letter of all) if (letter.state === 'retrying') assertDueNow(letter)
      const [dead] = await store.queue(queueOf(consumer, 'm', 'dead'), 1)
      assert.deepEqual(dead?.cause, { name: 'Error', message: 'no such account' })
    },
  },
  {
    name: 'keeps to what it is asked for, and says how many queues that were',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['dead'])
      await putQueue(subject, 'l', ['dead'])
      assert.equal(await store.retry({ consumer, model: 'm', key: 'l' }), 1)
      assert.equal(await store.retry({ consumer, model: 'n' }), 0)
      assert.equal(await store.retry({ consumer: `${consumer}1` }), 0)
      assert.deepEqual(await statesOf(subject, 'k'), ['dead'])
      assert.deepEqual(await statesOf(subject, 'l'), ['retrying'])
    },
  },
]

/** Giving letters up. */
export const discardCases: readonly Case[] = [
  {
    name: 'gives up one letter, and has the next of its queue tried at once',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['dead', 'waiting', 'waiting'])
      assert.equal(await store.discard({ consumer, model: 'm', key: 'k' }, 1n), 1)
      assert.deepEqual(await statesOf(subject, 'k'), ['discarded', 'retrying', 'waiting'])
      const [given, next] = await store.queue(queueOf(consumer, 'm', 'k'), 2)
      assert.equal(given?.dueAt, undefined)
      assertDueNow(next)
      assert.equal(await store.discard({ consumer, model: 'm', key: 'k' }, 1n), 0)
    },
  },
  {
    name: 'leaves the oldest letter as it is when one behind it is given up',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['dead', 'waiting', 'waiting'])
      await putQueue(subject, 'l', ['retrying', 'waiting'])
      assert.equal(await store.discard({ consumer }, 2n), 2)
      assert.deepEqual(await statesOf(subject, 'k'), ['dead', 'discarded', 'waiting'])
      assert.deepEqual(await statesOf(subject, 'l'), ['retrying', 'discarded'])
      const [oldest] = await store.queue(queueOf(consumer, 'm', 'l'), 1)
      assert.deepEqual(oldest?.dueAt, farFuture)
    },
  },
  {
    name: 'gives up everything that matches, and counts each letter once',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['dead', 'waiting'])
      await putQueue(subject, 'l', ['retrying', 'discarded'])
      await putQueue(subject, 'other', ['dead'])
      assert.equal(await store.discard({ consumer, key: 'k' }), 2)
      assert.equal(await store.discard({ consumer, key: 'l' }), 1)
      assert.equal(await store.discard({ consumer, key: 'none' }), 0)
      assert.deepEqual(await statesOf(subject, 'k'), ['discarded', 'discarded'])
      assert.deepEqual(await statesOf(subject, 'l'), ['discarded', 'discarded'])
      assert.deepEqual(namesOf(await listed(store, { consumer })), ['m/other@1 dead'])
    },
  },
]

/** Forgetting a consumer. */
export const clearCases: readonly Case[] = [
  {
    name: 'removes the letters of one consumer in any state, and of no other',
    run: async (subject) => {
      const { store, consumer } = subject
      await putQueue(subject, 'k', ['discarded', 'dead', 'waiting'])
      const other = `${consumer}0`
      await store.put([letterOf({ consumer: other, model: 'm', key: 'k', position: 1n })])
      await store.clear(consumer)
      await store.clear(consumer)
      assert.deepEqual(await store.heads({ consumer }), [])
      assert.equal(await store.count({ consumer: other }), 1)
    },
  },
]
