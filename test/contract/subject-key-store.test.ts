import type { SubjectKeyStore } from '@varve/core'
import { withMasterKey } from '@varve/core'
import { InMemorySubjectKeyStore } from '@varve/memory'
import { MongoSubjectKeyStore } from '@varve/mongodb'
import { casesOf, subjectKeyStoreContract, subjectKeyStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokenSubjectKeys } from './broken/broken-subject-keys.ts'
import { failingCases, withFault } from './broken/broken-store.ts'
import { openDatabase } from './mongodb-database.ts'
import { isSelected } from './servers.ts'

interface Started {
  readonly store: SubjectKeyStore
  readonly other: SubjectKeyStore
  readonly close: () => Promise<void>
}

async function startInMemory(): Promise<Started> {
  const store = new InMemorySubjectKeyStore()
  return { store, other: store, close: async () => undefined }
}

async function startBehindMasterKey(): Promise<Started> {
  const store = withMasterKey(new InMemorySubjectKeyStore(), new Uint8Array(32).fill(7))
  return { store, other: store, close: async () => undefined }
}

async function startOnMongoDB(topology: 'replica-set' | 'standalone'): Promise<Started> {
  const { connection, close } = await openDatabase(topology)
  const open = () => new MongoSubjectKeyStore({ connection })
  return { store: open(), other: open(), close }
}

const targets = [
  { adapter: 'memory', name: 'memory', start: startInMemory },
  { adapter: 'memory', name: 'memory, behind a master key', start: startBehindMasterKey },
  {
    adapter: 'mongodb',
    name: 'MongoDB, replica set',
    start: () => startOnMongoDB('replica-set'),
  },
  { adapter: 'mongodb', name: 'MongoDB, standalone', start: () => startOnMongoDB('standalone') },
].filter(({ adapter }) => isSelected(adapter))

for (const { name: target, start } of targets)
  describe(`the subject key store on ${target}`, () => {
    let started: Started
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(subjectKeyStoreContract))
      test.concurrent(`${method} ${name}`, () =>
        run(subjectKeyStoreSubject(started.store, started.other)),
      )
  })

describe('the subject key store contract catches a store that', () => {
  for (const one of brokenSubjectKeys)
    test(`${one.fault}, by "${one.caughtBy}"`, async () => {
      const failing = await failingCases(subjectKeyStoreContract, async () =>
        subjectKeyStoreSubject(withFault(new InMemorySubjectKeyStore(), one)),
      )
      expect(failing).toContain(one.caughtBy)
    })

  test('has no fault: by none', async () => {
    const failing = await failingCases(subjectKeyStoreContract, async () =>
      subjectKeyStoreSubject(new InMemorySubjectKeyStore()),
    )
    expect(failing).toEqual([])
  })
})
