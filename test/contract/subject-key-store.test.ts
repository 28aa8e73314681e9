import type { SubjectKeyStore } from '@varve/core'
import { InMemorySubjectKeyStore } from '@varve/memory'
import { MongoSubjectKeyStore } from '@varve/mongodb'
import { casesOf, subjectKeyStoreContract, subjectKeyStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from './mongodb-database.ts'
import { isSelected } from './servers.ts'

interface Started {
  readonly store: SubjectKeyStore
  readonly close: () => Promise<void>
}

async function onMongoDB(topology: 'replica-set' | 'standalone'): Promise<Started> {
  const { connection, close } = await openDatabase(topology)
  return { store: new MongoSubjectKeyStore({ connection }), close }
}

const targets = [
  {
    adapter: 'memory',
    name: 'memory',
    start: async (): Promise<Started> => ({
      store: new InMemorySubjectKeyStore(),
      close: async () => undefined,
    }),
  },
  { adapter: 'mongodb', name: 'MongoDB, replica set', start: () => onMongoDB('replica-set') },
  { adapter: 'mongodb', name: 'MongoDB, standalone', start: () => onMongoDB('standalone') },
].filter(({ adapter }) => isSelected(adapter))

for (const { name: target, start } of targets)
  describe(`the subject key store on ${target}`, () => {
    let started: Started
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(subjectKeyStoreContract))
      test.concurrent(`${method} ${name}`, () => run(subjectKeyStoreSubject(started.store)))
  })

/** Stores that do one thing wrong; the contract has to notice. */
const broken: readonly (readonly [string, (store: SubjectKeyStore) => SubjectKeyStore])[] = [
  [
    'gives a forgotten subject a new key',
    (store) => ({
      find: (subjects) => store.find(subjects),
      obtain: (subjects) => store.obtain(subjects.map((one) => `${one}#2`)).then(renamed),
      forget: (subject) => store.forget(subject),
    }),
  ],
  [
    'keeps the key of a forgotten subject',
    (store) => ({
      find: (subjects) => store.find(subjects),
      obtain: (subjects) => store.obtain(subjects),
      forget: async (subject) => (await store.find([subject])).size > 0,
    }),
  ],
  [
    'makes keys when it only looks',
    (store) => ({
      find: (subjects) => store.obtain(subjects),
      obtain: (subjects) => store.obtain(subjects),
      forget: (subject) => store.forget(subject),
    }),
  ],
]

function renamed(keys: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  return new Map([...keys].map(([subject, key]) => [subject.replace('#2', ''), key]))
}

test.each(broken)('the contract notices a store that %s', async (_what, breakIt) => {
  const failures: unknown[] = []
  for (const { run } of casesOf(subjectKeyStoreContract))
    await Promise.resolve(
      run(subjectKeyStoreSubject(breakIt(new InMemorySubjectKeyStore()))),
    ).catch((error: unknown) => failures.push(error))
  expect(failures).not.toEqual([])
})
