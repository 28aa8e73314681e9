import { InMemoryEventStore } from '@varve/memory'
import { eventStoreContract, eventStoreSubject } from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { brokenAppends, brokenRetries } from './broken/broken-appends.ts'
import { brokenReads } from './broken/broken-reads.ts'
import { failingCases, withFault } from './broken/broken-store.ts'
import { brokenCloses, brokenReports, brokenSubscriptions } from './broken/broken-subscriptions.ts'

const broken = [
  ...brokenAppends,
  ...brokenRetries,
  ...brokenReads,
  ...brokenSubscriptions,
  ...brokenReports,
  ...brokenCloses,
]
const capabilities = { maxAppendBytes: 1_048_576, tellsActualRevision: true }
/** Long enough for a store in memory, short enough for cases that wait in vain. */
const patienceMs = 500

describe('the event store contract catches a store that', () => {
  for (const one of broken)
    test(`${one.fault}, by "${one.caughtBy}"`, async () => {
      const open = async () => withFault(new InMemoryEventStore(), one)
      const failing = await failingCases(eventStoreContract, async () =>
        eventStoreSubject(await open(), { capabilities, open, patienceMs }),
      )
      expect(failing).toContain(one.caughtBy)
    })

  test('has no fault: by none', async () => {
    const open = async () => new InMemoryEventStore()
    const failing = await failingCases(eventStoreContract, async () =>
      eventStoreSubject(await open(), { capabilities, open }),
    )
    expect(failing).toEqual([])
  })
})
