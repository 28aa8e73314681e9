import { casesOf, deadLetterStoreContract, deadLetterStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { deadLetterStores, type StartedDeadLetterStore } from './targets.ts'

for (const { name: target, start } of deadLetterStores)
  describe(`the dead-letter store on ${target}`, () => {
    let started: StartedDeadLetterStore
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(deadLetterStoreContract))
      test.concurrent(`${method} ${name}`, () => run(deadLetterStoreSubject(started.store)))
  })
