import { casesOf, leaseStoreContract, leaseStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { leaseStores, type StartedLeaseStore } from './targets.ts'

describe.each(leaseStores)('the lease store on $name', ({ start }) => {
  let started: StartedLeaseStore
  beforeAll(async () => (started = await start()))
  afterAll(() => started.close())

  // One after another: where time passes by hand, it passes for every lease.
  test.for(casesOf(leaseStoreContract))('$method $name', ({ run }) =>
    run(leaseStoreSubject(started.store, started)),
  )
})
