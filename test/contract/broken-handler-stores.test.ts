import { InMemoryHandledEventStore, InMemoryHandlerProgressStore } from '@varve/memory'
import {
  handledEventStoreContract,
  handledEventSubject,
  handlerProgressStoreContract,
  handlerProgressSubject,
  VirtualClock,
} from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { brokenHandledEvents, brokenProgress } from './broken/broken-handler-stores.ts'
import { type BrokenStore, failingCases, withFault } from './broken/broken-store.ts'

/** Runs a contract on each broken store and on a good one. */
function catches<Store extends object>(
  faults: readonly BrokenStore<Store>[],
  run: (fault: BrokenStore<Store>) => Promise<readonly string[]>,
): void {
  for (const one of faults)
    test(`${one.fault}, by "${one.caughtBy}"`, async () => {
      expect(await run(one)).toContain(one.caughtBy)
    })
  test('has no fault: by none', async () => {
    expect(await run({ fault: 'none', caughtBy: 'none', breaks: () => ({}) })).toEqual([])
  })
}

describe('the handler progress store contract catches a store that', () => {
  catches(brokenProgress, (fault) =>
    failingCases(handlerProgressStoreContract, async () =>
      handlerProgressSubject(withFault(new InMemoryHandlerProgressStore(), fault)),
    ),
  )
})

describe('the handled event store contract catches a store that', () => {
  catches(brokenHandledEvents, (fault) =>
    failingCases(handledEventStoreContract, async () => {
      const clock = new VirtualClock()
      const store = withFault(new InMemoryHandledEventStore({ clock }), fault)
      return handledEventSubject(store, { elapse: async (ms) => clock.advance(ms) })
    }),
  )
})
