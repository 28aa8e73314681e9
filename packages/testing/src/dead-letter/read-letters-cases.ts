import assert from 'node:assert/strict'
import { type DeadLetter, type RecordedEvent, slotOf, streamName } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import {
  type DeadLetterStoreSubject,
  letterOf,
  listed,
  namesOf,
  queueOf,
} from './dead-letter-store-subject.ts'

type Case = ContractCase<DeadLetterStoreSubject>

function everyKind(consumer: string): readonly DeadLetter[] {
  const key = 'every-kind-ü/$a.b'
  const data = {
    $set: { 'a.b': 1, '': null },
    text: 'Grüße 👩‍🚀 "quoted" \\ \n \u0000',
    numbers: [0, 1.5, -1, 1e300, 2 ** 53],
    empty: [{}, [], '', null, false],
    ['__proto__']: { deep: true },
  }
  const position = 2n ** 62n + 3n
  const recordedAt = new Date('2024-02-29T23:59:59.999Z')
  const metadata = { $correlationId: 'x', 'a.b': { $c: [1] }, schemaVersion: 3 }
  const whole = letterOf({ consumer, model: 'm', key, position, state: 'dead' })
  const cause = { name: 'RangeError', code: 'TOO_MUCH', message: 'häää?', stack: 'at …\n  at' }
  const event = { ...whole.event, data, metadata, recordedAt, revision: 2n ** 61n + 1n }
  return [
    { ...whole, attempts: 7, cause, event },
    letterOf({ consumer, model: 'm', key, position: position + 1n, state: 'retrying' }),
    letterOf({ consumer, model: 'm', key, position: position + 2n, event: { data: '{"not json' } }),
    letterOf({
      consumer,
      model: 'm',
      key,
      position: position + 3n,
      event: { data: Uint8Array.of(0, 255, 7), metadata: {} },
    }),
    letterOf({ consumer, model: 'm', key, position: position + 4n, event: { data: null } }),
    {
      ...letterOf({
        consumer,
        model: 'm',
        key,
        position: position + 5n,
        event: { data: [1, 'x'] },
      }),
      delivery: { isReplay: true, parts: 2 },
    },
  ]
}

/** Letters of several queues, put in no order. */
async function putSome({ store, consumer }: DeadLetterStoreSubject): Promise<void> {
  await store.put([
    letterOf({ consumer, model: 'b', key: 'x', position: 3n }),
    letterOf({ consumer, model: 'a', key: 'y', position: 9n, state: 'dead' }),
    letterOf({ consumer, model: 'a', key: 'y', position: 10n }),
    letterOf({ consumer, model: 'b', key: 'x', position: 2n, state: 'discarded' }),
    letterOf({ consumer, key: 'account-z', position: 1n, state: 'dead' }),
    letterOf({ consumer, model: 'a', key: 'x', position: 20n, state: 'retrying' }),
    letterOf({ consumer: `${consumer}1`, model: 'a', key: 'x', position: 1n }),
  ])
}

/** Reading letters for people to look at. */
export const listCases: readonly Case[] = [
  {
    name: 'yields everything a letter says, as it was put',
    run: async ({ store, consumer }) => {
      const letters = everyKind(consumer)
      await store.put(letters)
      assert.deepEqual(await listed(store, { consumer }), letters)
    },
  },
  {
    name: 'yields letters by model, key and event, without those that were discarded',
    run: async (subject) => {
      const { store, consumer } = subject
      await putSome(subject)
      assert.deepEqual(namesOf(await listed(store, { consumer })), [
        '-/account-z@1 dead',
        'a/x@20 retrying',
        'a/y@9 dead',
        'a/y@10 waiting',
        'b/x@3 waiting',
      ])
    },
  },
  {
    name: 'keeps to the model, the key and the slots it is asked for',
    run: async (subject) => {
      const { store, consumer } = subject
      await putSome(subject)
      const slot = slotOf('y')
      const found = async (filter: object): Promise<readonly string[]> =>
        namesOf(await listed(store, { consumer, ...filter }))
      assert.deepEqual(await found({ model: 'b' }), ['b/x@3 waiting'])
      assert.deepEqual(await found({ key: 'x' }), ['a/x@20 retrying', 'b/x@3 waiting'])
      assert.deepEqual(await found({ model: 'b', key: 'y' }), [])
      const ofSlot = ['a/y@9 dead', 'a/y@10 waiting']
      assert.deepEqual(await found({ slots: { first: slot, last: slot } }), ofSlot)
      const before = { first: 0, last: slot - 1 }
      const after = { first: slot + 1, last: 1023 }
      const others = [...(await found({ slots: before })), ...(await found({ slots: after }))]
      assert.equal(others.length, 3)
    },
  },
  {
    name: 'keeps to the stream it is asked for, whatever queue its letters are in',
    run: async (subject) => {
      const { store, consumer } = subject
      const of = (stream: string): { readonly event: Partial<RecordedEvent> } => ({
        event: { stream: streamName('account', stream) },
      })
      await store.put([
        letterOf({ consumer, model: 'a', key: 'x', position: 1n, ...of('1') }),
        letterOf({ consumer, model: 'a', key: 'x', position: 2n, ...of('2') }),
        letterOf({ consumer, model: 'b', key: 'y', position: 2n, ...of('2') }),
      ])
      const found = await listed(store, { consumer, stream: streamName('account', '2') })
      assert.deepEqual(namesOf(found), ['a/x@2 waiting', 'b/y@2 waiting'])
    },
  },
  {
    name: 'yields hundreds of letters, and nothing where there are none',
    run: async ({ store, consumer }) => {
      assert.deepEqual(await listed(store, { consumer }), [])
      const letters = Array.from({ length: 350 }, (_, n) =>
        letterOf({ consumer, model: 'm', key: `k${n % 3}`, position: BigInt(n) }),
      )
      await store.put(letters.toReversed())
      const found = await listed(store, { consumer, key: 'k1' })
      const expected = letters.filter(({ queue }) => queue.key === 'k1')
      assert.deepEqual(namesOf(found), namesOf(expected))
      assert.equal((await listed(store, { consumer })).length, 350)
    },
  },
  {
    name: 'may be left before its end',
    run: async ({ store, consumer }) => {
      const letters = Array.from({ length: 250 }, (_, n) =>
        letterOf({ consumer, model: 'm', key: 'k', position: BigInt(n) }),
      )
      await store.put(letters)
      for await (const page of store.list({ consumer })) {
        assert.equal(page[0]?.event.position, 0n)
        break
      }
    },
  },
]

/** Counting letters. */
export const countCases: readonly Case[] = [
  {
    name: 'counts what a filter means, without what was discarded',
    run: async (subject) => {
      const { store, consumer } = subject
      assert.equal(await store.count({ consumer }), 0)
      await putSome(subject)
      assert.equal(await store.count({ consumer }), 5)
      assert.equal(await store.count({ consumer, model: 'a' }), 3)
      assert.equal(await store.count({ consumer, model: 'b', key: 'x' }), 1)
      assert.equal(await store.count({ consumer, slots: { first: 0, last: 1023 } }), 5)
    },
  },
]

/** What is to be worked on. */
export const headsCases: readonly Case[] = [
  {
    name: 'returns the oldest letter of each queue, whatever is to become of it',
    run: async (subject) => {
      const { store, consumer } = subject
      await putSome(subject)
      const heads = await store.heads({ consumer })
      assert.deepEqual(namesOf(heads), [
        '-/account-z@1 dead',
        'a/x@20 retrying',
        'a/y@9 dead',
        'b/x@2 discarded',
      ])
      assert.deepEqual(heads.slice(0, 1), [
        letterOf({ consumer, key: 'account-z', position: 1n, state: 'dead' }),
      ])
    },
  },
  {
    name: 'keeps to the slots it is asked for, and returns nothing where there are no letters',
    run: async (subject) => {
      const { store, consumer } = subject
      assert.deepEqual(await store.heads({ consumer }), [])
      await putSome(subject)
      const slot = slotOf('x')
      const found = await store.heads({ consumer, slots: { first: slot, last: slot } })
      assert.deepEqual(namesOf(found), ['a/x@20 retrying', 'b/x@2 discarded'])
      assert.deepEqual(namesOf(await store.heads({ consumer, model: 'a', key: 'y' })), [
        'a/y@9 dead',
      ])
    },
  },
]

/** The letters of one document. */
export const queueCases: readonly Case[] = [
  {
    name: 'returns the letters of one queue, discarded ones included, oldest first',
    run: async (subject) => {
      const { store, consumer } = subject
      await putSome(subject)
      const ofX = await store.queue(queueOf(consumer, 'b', 'x'), 10)
      assert.deepEqual(namesOf(ofX), ['b/x@2 discarded', 'b/x@3 waiting'])
      const ofStream = await store.queue(queueOf(consumer, undefined, 'account-z'), 10)
      assert.deepEqual(namesOf(ofStream), ['-/account-z@1 dead'])
      assert.deepEqual(await store.queue(queueOf(consumer, undefined, 'x'), 10), [])
    },
  },
  {
    name: 'returns no more than it is asked for, and whole letters',
    run: async ({ store, consumer }) => {
      const letters = everyKind(consumer)
      await store.put(letters)
      const { queue } = letters[0] as DeadLetter
      assert.deepEqual(await store.queue(queue, 3), letters.slice(0, 3))
      assert.deepEqual(await store.queue(queue, 100), letters)
    },
  },
]
