import {
  casesOf,
  handledEventStoreContract,
  handledEventSubject,
  handlerProgressStoreContract,
  handlerProgressSubject,
} from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { handlerStores, type StartedHandlerStores } from './event-handler-targets.ts'

for (const { name: target, start } of handlerStores) {
  describe(`the handler progress store on ${target}`, () => {
    let started: StartedHandlerStores
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    for (const { method, name, run } of casesOf(handlerProgressStoreContract))
      test.concurrent(`${method} ${name}`, () => run(handlerProgressSubject(started.progress)))
  })

  describe(`the handled event store on ${target}`, () => {
    let started: StartedHandlerStores
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    // One after another: where time passes by hand, it passes for every id.
    for (const { method, name, run } of casesOf(handledEventStoreContract))
      test(`${method} ${name}`, () => run(handledEventSubject(started.handledEvents, started)))
  })
}
