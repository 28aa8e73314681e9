import { casesOf, leaseStoreContract, leaseStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { leaseStores, type StartedLeaseStore } from './targets.ts'

for (const { name: target, start } of leaseStores)
  describe(`the lease store on ${target}`, () => {
    let started: StartedLeaseStore
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    // One after another: where time passes by hand, it passes for every lease.
    for (const { method, name, run } of casesOf(leaseStoreContract))
      test(`${method} ${name}`, () => run(leaseStoreSubject(started.store, started)))
  })
