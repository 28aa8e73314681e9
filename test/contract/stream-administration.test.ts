import { casesOf, streamAdministrationContract, streamAdministrationSubject } from '@varve/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type StartedStreamAdministration,
  streamAdministrations,
} from './stream-administration-targets.ts'

for (const { name: target, start } of streamAdministrations)
  describe(`the administration of streams on ${target}`, () => {
    let started: StartedStreamAdministration
    beforeAll(async () => (started = await start()))
    afterAll(() => started.close())

    // One after another: where time passes by hand, it passes for every stream.
    for (const { method, name, run } of casesOf(streamAdministrationContract))
      test(`${method} ${name}`, () => run(streamAdministrationSubject(started.store, started)))
  })
