import { InMemoryEventStore } from '@varve/memory'
import {
  streamAdministrationContract,
  streamAdministrationSubject,
  VirtualClock,
} from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { brokenStreamAdministrations } from './broken/broken-stream-administrations.ts'
import { type BrokenStore, failingCases, withFault } from './broken/broken-store.ts'

const failing = (fault: BrokenStore<InMemoryEventStore>): Promise<readonly string[]> =>
  failingCases(streamAdministrationContract, async () => {
    const clock = new VirtualClock()
    const store = withFault(new InMemoryEventStore({ clock }), fault)
    const elapse = async (ms: number): Promise<void> => clock.advance(ms)
    return streamAdministrationSubject(store, { elapse, patienceMs: 500 })
  })

describe('the contract of stream administration catches a store that', () => {
  for (const one of brokenStreamAdministrations)
    test(`${one.fault}, by "${one.caughtBy}"`, async () => {
      expect(await failing(one)).toContain(one.caughtBy)
    })

  test('has no fault: by none', async () => {
    expect(await failing({ fault: 'none', caughtBy: 'none', breaks: () => ({}) })).toEqual([])
  })
})
