import {
  casesOf,
  eventStoreContract,
  eventStoreSubject,
  snapshotStoreContract,
  snapshotStoreSubject,
} from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { eventStores, type StartedEventStore } from './targets.ts'

for (const { name: target, start } of eventStores)
  describe(`on ${target}`, () => {
    let started: StartedEventStore
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    describe('the event store', () => {
      for (const { method, name, run } of casesOf(eventStoreContract))
        test.concurrent(`${method} ${name}`, () => run(eventStoreSubject(started.store, started)))
    })

    describe('the snapshot store', () => {
      for (const { method, name, run } of casesOf(snapshotStoreContract))
        test.concurrent(`${method} ${name}`, () => run(snapshotStoreSubject(started.snapshots)))
    })
  })
