import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SubjectKey, SubjectKeyStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'

/** What a case of the subject key store's contract works on. The subject is its own, so cases run side by side. */
export interface SubjectKeyStoreSubject {
  readonly store: SubjectKeyStore
  /** The same store as another process sees it. */
  readonly other: SubjectKeyStore
  /** A person nobody ever had data of. */
  readonly person: string
}

/** Makes the subject of one case, with a fresh person. */
export function subjectKeyStoreSubject(
  store: SubjectKeyStore,
  other: SubjectKeyStore = store,
): SubjectKeyStoreSubject {
  return { store, other, person: `contract-${randomUUID()}` }
}

type Case = ContractCase<SubjectKeyStoreSubject>

const find: readonly Case[] = [
  {
    name: 'knows nothing of a subject that never had a key, and makes none',
    run: async ({ store, person }) => {
      assert.deepEqual(await store.find([person]), new Map())
      assert.deepEqual(await store.find([person]), new Map())
      assert.deepEqual(await store.find([]), new Map())
    },
  },
  {
    name: 'returns keys and forgotten subjects, and nothing of others',
    run: async ({ store, person }) => {
      const [known, forgotten, strange] = [`${person}-1`, `${person}-2`, `${person}-3`]
      const made = await store.obtain([known, forgotten])
      await store.forget(forgotten)
      assert.deepEqual(
        await store.find([known, forgotten, strange, known]),
        new Map<string, SubjectKey>([
          [known, keyIn(made, known)],
          [forgotten, 'forgotten'],
        ]),
      )
    },
  },
  {
    name: 'hands out keys that whoever gets them may change',
    run: async ({ store, person }) => {
      const made = keyIn(await store.obtain([person]), person)
      const before = Uint8Array.from(made)
      made.fill(0)
      assert.deepEqual(keyIn(await store.find([person]), person), before)
    },
  },
]

const obtain: readonly Case[] = [
  {
    name: 'makes a key of 32 bytes for each subject, and no two alike',
    run: async ({ store, person }) => {
      const people = Array.from({ length: 20 }, (_, index) => `${person}-${index}`)
      const made = await store.obtain([...people, `${person}-0`])
      const texts = people.map((one) => Buffer.from(keyIn(made, one)).toString('hex'))
      assert.deepEqual(new Set(texts.map((text) => text.length)), new Set([64]))
      assert.equal(new Set(texts).size, 20)
    },
  },
  {
    name: 'returns the key that is there',
    run: async ({ store, other, person }) => {
      const made = await store.obtain([person])
      assert.deepEqual(await store.obtain([person]), made)
      assert.deepEqual(await other.obtain([person]), made)
      assert.deepEqual(await other.find([person]), made)
    },
  },
  {
    name: 'gives everybody who asks at once the same key',
    run: async ({ store, other, person }) => {
      const asked = Array.from({ length: 16 }, (_, index) =>
        (index % 2 === 0 ? store : other).obtain([person]),
      )
      const keys = (await Promise.all(asked)).map((found) => keyIn(found, person))
      for (const key of keys) assert.deepEqual(key, keys[0])
    },
  },
  {
    name: 'takes any text as a subject',
    run: async ({ store, person }) => {
      const people = ['$where', 'a.b', 'ключ', ' ', '__proto__', '{"a":1}'].map(
        (text) => `${text}${person}`,
      )
      const made = await store.obtain(people)
      assert.deepEqual(await store.find(people), made)
      assert.equal(made.size, people.length)
    },
  },
  {
    name: 'makes no key for a forgotten subject, and does for those beside it',
    run: async ({ store, other, person }) => {
      await store.forget(person)
      const found = await other.obtain([person, `${person}-2`])
      assert.equal(found.get(person), 'forgotten')
      assert.equal(keyIn(found, `${person}-2`).length, 32)
    },
  },
]

const forget: readonly Case[] = [
  {
    name: 'deletes the key, for every process',
    run: async ({ store, other, person }) => {
      await store.obtain([person])
      assert.equal(await store.forget(person), true)
      for (const one of [store, other])
        assert.deepEqual(await one.find([person]), new Map([[person, 'forgotten']]))
    },
  },
  {
    name: 'may be called again, and for a subject without a key',
    run: async ({ store, other, person }) => {
      assert.equal(await store.forget(person), false)
      assert.equal(await other.forget(person), false)
      await store.obtain([`${person}-2`])
      assert.equal(await store.forget(`${person}-2`), true)
      assert.equal(await store.forget(`${person}-2`), false)
    },
  },
  {
    name: 'leaves the keys of others',
    run: async ({ store, person }) => {
      const made = await store.obtain([`${person}-1`, `${person}-2`])
      await store.forget(`${person}-1`)
      const found = await store.find([`${person}-2`])
      assert.deepEqual(keyIn(found, `${person}-2`), keyIn(made, `${person}-2`))
    },
  },
  {
    name: 'has the last word in a race with whoever makes the key',
    run: async ({ store, other, person }) => {
      const people = Array.from({ length: 10 }, (_, index) => `${person}-${index}`)
      await Promise.all(people.flatMap((one) => [store.obtain([one]), other.forget(one)]))
      assert.deepEqual(
        await store.obtain(people),
        new Map(people.map((one) => [one, 'forgotten'] as const)),
      )
    },
  },
]

/** What every {@link SubjectKeyStore} promises. */
export const subjectKeyStoreContract = { find, obtain, forget } satisfies ContractSuite<
  SubjectKeyStore,
  SubjectKeyStoreSubject
>

function keyIn(found: ReadonlyMap<string, SubjectKey>, person: string): Uint8Array {
  const key = found.get(person)
  assert.ok(key instanceof Uint8Array, `expected a key of "${person}", found ${String(key)}`)
  return key
}
