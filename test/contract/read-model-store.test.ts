import { casesOf, readModelStoreContract, readModelStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { readModelStores, type StartedReadModelStore } from './targets.ts'

for (const { name: target, start } of readModelStores)
  describe(`the read-model store on ${target}`, () => {
    let started: StartedReadModelStore
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(readModelStoreContract))
      test.concurrent(`${method} ${name}`, () => run(readModelStoreSubject(started.store, started)))
  })
