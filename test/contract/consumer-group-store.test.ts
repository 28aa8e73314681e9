import { casesOf, consumerGroupStoreContract, consumerGroupStoreSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { consumerGroupStores, type StartedConsumerGroupStore } from './consumer-group-targets.ts'

for (const { name: target, start } of consumerGroupStores)
  describe(`the consumer-group store on ${target}`, () => {
    let started: StartedConsumerGroupStore
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(consumerGroupStoreContract))
      test.concurrent(`${method} ${name}`, () =>
        run(consumerGroupStoreSubject(started.store, started)),
      )
  })
