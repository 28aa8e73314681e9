import { randomUUID } from 'node:crypto'
import type { ReadModelChanges, ReadModelStore } from '@varve/core'
import { InMemoryReadModelStore } from '@varve/memory'
import { MongoConnection, MongoReadModelChanges, MongoReadModelStore } from '@varve/mongodb'
import { casesOf, readModelChangesContract, readModelChangesSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { CheckpointPoll } from '../../packages/core/src/live-query/checkpoint-poll.ts'
import { isSelected, mongoDB } from './servers.ts'

interface Started {
  readonly changes: ReadModelChanges
  readonly store: ReadModelStore
  readonly namesDocuments: boolean
  readonly close: () => Promise<void>
}

/** What core does where a store cannot tell. */
function polled(store: ReadModelStore): ReadModelChanges {
  return {
    watch: (models, listener) => CheckpointPoll.open({ store, intervalMs: 10 }, models, listener),
    isUnavailable: () => false,
  }
}

async function startInMemory(): Promise<Started> {
  const store = new InMemoryReadModelStore()
  return { store, changes: store.changes, namesDocuments: true, close: () => store.close() }
}

async function startOnMongoDB(topology: 'replica-set' | 'standalone'): Promise<Started> {
  const server = await mongoDB(topology)
  const database = `varve_contract_${randomUUID().slice(0, 8)}`
  const url = server.url.replace(/^([^:]+:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`)
  const connection = new MongoConnection({ url })
  const namesDocuments = topology === 'replica-set'
  const require = namesDocuments ? 'exactly-once' : 'idempotent'
  const store = new MongoReadModelStore({ connection, require })
  return {
    store,
    changes: namesDocuments ? new MongoReadModelChanges({ connection }) : polled(store),
    namesDocuments,
    close: async () => {
      await connection.database.dropDatabase()
      await connection.close()
      await server.close()
    },
  }
}

const targets = [
  { adapter: 'memory', name: 'memory', start: startInMemory },
  { adapter: 'mongodb', name: 'MongoDB', start: () => startOnMongoDB('replica-set') },
  {
    adapter: 'mongodb',
    name: 'a standalone MongoDB, polled',
    start: () => startOnMongoDB('standalone'),
  },
].filter(({ adapter }) => isSelected(adapter))

for (const { name: target, start } of targets)
  describe(`changes of read models on ${target}`, () => {
    let started: Started
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(readModelChangesContract))
      test.concurrent(`${method} ${name}`, () => {
        const { changes, store, namesDocuments } = started
        const level = namesDocuments ? 'exactly-once' : 'idempotent'
        const capabilities = { level, maxDocumentBytes: undefined } as const
        const open = () => Promise.resolve(store)
        return run(readModelChangesSubject(changes, { store, capabilities, open, namesDocuments }))
      })
  })
