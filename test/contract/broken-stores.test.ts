import {
  InMemoryDeadLetterStore,
  InMemoryLeaseStore,
  InMemoryReadModelStore,
  InMemorySnapshotStore,
} from '@varve/memory'
import {
  deadLetterStoreContract,
  deadLetterStoreSubject,
  leaseStoreContract,
  leaseStoreSubject,
  readModelStoreContract,
  readModelStoreSubject,
  snapshotStoreContract,
  snapshotStoreSubject,
  VirtualClock,
} from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { brokenCommits } from './broken/broken-commits.ts'
import { brokenGenerations } from './broken/broken-generations.ts'
import { brokenLeases } from './broken/broken-leases.ts'
import { brokenLetterCommits } from './broken/broken-letter-commits.ts'
import { brokenLetters } from './broken/broken-letters.ts'
import { brokenLoads } from './broken/broken-loads.ts'
import { brokenSegments } from './broken/broken-segments.ts'
import { brokenSnapshots } from './broken/broken-snapshots.ts'
import { type BrokenStore, failingCases, withFault } from './broken/broken-store.ts'
import { brokenUpdates } from './broken/broken-updates.ts'
import { brokenHistories, brokenViews } from './broken/broken-views.ts'

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

describe('the snapshot store contract catches a store that', () => {
  catches(brokenSnapshots, (fault) =>
    failingCases(snapshotStoreContract, async () =>
      snapshotStoreSubject(withFault(new InMemorySnapshotStore(), fault)),
    ),
  )
})

describe('the lease store contract catches a store that', () => {
  catches(brokenLeases, (fault) =>
    failingCases(leaseStoreContract, async () => {
      const clock = new VirtualClock()
      const store = withFault(new InMemoryLeaseStore({ clock }), fault)
      return leaseStoreSubject(store, { elapse: async (ms) => clock.advance(ms) })
    }),
  )
})

describe('the dead-letter store contract catches a store that', () => {
  catches(brokenLetters, (fault) =>
    failingCases(deadLetterStoreContract, async () =>
      deadLetterStoreSubject(withFault(new InMemoryDeadLetterStore(), fault)),
    ),
  )
})

describe('the read-model store contract catches a store that', () => {
  const faults = [
    ...brokenGenerations,
    ...brokenSegments,
    ...brokenCommits,
    ...brokenUpdates,
    ...brokenLetterCommits,
    ...brokenLoads,
    ...brokenViews,
    ...brokenHistories,
  ]
  catches(faults, (fault) =>
    failingCases(readModelStoreContract, async () => {
      const open = async () => withFault(new InMemoryReadModelStore(), fault)
      const maxDocumentBytes = 16 * 1024 * 1024
      return readModelStoreSubject(await open(), {
        capabilities: { level: 'exactly-once', maxDocumentBytes },
        open,
      })
    }),
  )
})
