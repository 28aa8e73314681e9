import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SubjectKeyStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'

/** A key store under test, and subjects nobody else uses. */
export interface SubjectKeyStoreSubject {
  readonly store: SubjectKeyStore
  /** Ids of three subjects. */
  readonly subjects: readonly [string, string, string]
}

/** Prepares one case. */
export function subjectKeyStoreSubject(store: SubjectKeyStore): SubjectKeyStoreSubject {
  const id = randomUUID()
  return { store, subjects: [`${id}-a`, `${id}-b`, `${id}-c`] }
}

type Case = ContractCase<SubjectKeyStoreSubject>

const find: readonly Case[] = [
  {
    name: 'returns the keys that are there, and leaves out those that are not',
    run: async ({ store, subjects: [one, other, stranger] }) => {
      const made = await store.obtain([one, other])
      assert.deepEqual(await store.find([one, stranger]), new Map([[one, made.get(one)]]))
      assert.deepEqual(await store.find([other]), new Map([[other, made.get(other)]]))
    },
  },
  {
    name: 'makes no key',
    run: async ({ store, subjects: [one] }) => {
      await store.find([one])
      assert.deepEqual(await store.find([one]), new Map())
    },
  },
  {
    name: 'returns none where none are asked for',
    run: async ({ store }) => {
      assert.deepEqual(await store.find([]), new Map())
    },
  },
]

const obtain: readonly Case[] = [
  {
    name: 'makes keys of 32 bytes, another one for each subject',
    run: async ({ store, subjects: [one, other] }) => {
      const keys = await store.obtain([one, other])
      assert.deepEqual([keys.get(one)?.length, keys.get(other)?.length], [32, 32])
      assert.notDeepEqual(keys.get(one), keys.get(other))
    },
  },
  {
    name: 'returns the same key again',
    run: async ({ store, subjects: [one] }) => {
      assert.deepEqual(await store.obtain([one]), await store.obtain([one, one]))
    },
  },
  {
    name: 'returns one key to everybody who asks at the same time',
    run: async ({ store, subjects: [one] }) => {
      const all = await Promise.all(Array.from({ length: 10 }, () => store.obtain([one])))
      for (const keys of all) assert.deepEqual(keys, all[0])
      assert.deepEqual(await store.find([one]), all[0])
    },
  },
  {
    name: 'takes ids of any characters',
    run: async ({ store, subjects: [one] }) => {
      for (const id of [`${one}.$x`, `$${one}`, `${one} ü 🙂`])
        assert.deepEqual([...(await store.obtain([id])).keys()], [id])
    },
  },
]

const forget: readonly Case[] = [
  {
    name: 'deletes the key for good: nobody finds it, or gets a new one',
    run: async ({ store, subjects: [one, other] }) => {
      const keys = await store.obtain([one, other])
      assert.equal(await store.forget(one), true)
      assert.deepEqual(await store.find([one, other]), new Map([[other, keys.get(other)]]))
      assert.deepEqual(await store.obtain([one]), new Map())
    },
  },
  {
    name: 'does the same again, and says that there was no key',
    run: async ({ store, subjects: [one] }) => {
      await store.obtain([one])
      const answers = await Promise.all([store.forget(one), store.forget(one), store.forget(one)])
      assert.deepEqual(answers.filter(Boolean), [true])
      assert.equal(await store.forget(one), false)
    },
  },
  {
    name: 'takes a subject that never had a key: it never gets one',
    run: async ({ store, subjects: [one] }) => {
      assert.equal(await store.forget(one), false)
      assert.deepEqual(await store.obtain([one]), new Map())
    },
  },
  {
    name: 'leaves no key behind where it is made at the same time',
    run: async ({ store, subjects: [one] }) => {
      await Promise.all([store.obtain([one]), store.forget(one), store.obtain([one])])
      assert.deepEqual(await store.find([one]), new Map())
    },
  },
]

/** What every key store has to do. */
export const subjectKeyStoreContract = { find, obtain, forget } satisfies ContractSuite<
  SubjectKeyStore,
  SubjectKeyStoreSubject
>
