import {
  casesOf,
  eventStoreContract,
  eventStoreSubject,
  snapshotStoreContract,
  snapshotStoreSubject,
} from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { eventStores, type StartedEventStore } from './targets.ts'

describe.each(eventStores)('on $name', ({ start }) => {
  let started: StartedEventStore
  beforeAll(async () => (started = await start()))
  afterAll(() => started.close())

  describe('the event store', () => {
    test.concurrent.for(casesOf(eventStoreContract))('$method $name', ({ run }) =>
      run(eventStoreSubject(started.store, started)),
    )
  })

  describe('the snapshot store', () => {
    test.concurrent.for(casesOf(snapshotStoreContract))('$method $name', ({ run }) =>
      run(snapshotStoreSubject(started.snapshots)),
    )
  })
})
