import { casesOf, readModelStoreContract, readModelStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { readModelStores, type StartedReadModelStore } from './targets.ts'

describe.each(readModelStores)('the read-model store on $name', ({ start }) => {
  let started: StartedReadModelStore
  beforeAll(async () => (started = await start()))
  afterAll(() => started.close())

  test.concurrent.for(casesOf(readModelStoreContract))('$method $name', ({ run }) =>
    run(readModelStoreSubject(started.store, started)),
  )
})
