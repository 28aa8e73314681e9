import type { ReadModelChanges } from '@varve/core'
import { InMemoryReadModelStore } from '@varve/memory'
import { readModelChangesContract, readModelChangesSubject } from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { brokenChanges } from './broken/broken-changes.ts'
import { type BrokenStore, failingCases, withFault } from './broken/broken-store.ts'

/** Names the cases that fail on a store whose changes have a fault. */
function failing(fault: BrokenStore<ReadModelChanges>): Promise<readonly string[]> {
  return failingCases(readModelChangesContract, async () => {
    const store = new InMemoryReadModelStore()
    const changes = withFault<ReadModelChanges>(store.changes, fault)
    return readModelChangesSubject(changes, {
      store,
      namesDocuments: true,
      patienceMs: 200,
      capabilities: { level: 'exactly-once', maxDocumentBytes: undefined },
      open: () => Promise.resolve(store),
    })
  })
}

describe('the contract of read-model changes catches a feed that', () => {
  for (const one of brokenChanges)
    test(`${one.fault}, by "${one.caughtBy}"`, async () => {
      expect(await failing(one)).toContain(one.caughtBy)
    })
  test('has no fault: by none', async () => {
    expect(await failing({ fault: 'none', caughtBy: 'none', breaks: () => ({}) })).toEqual([])
  })
})
